package googleapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// headBytes is how much of a good answer is looked at before anything takes it for one.
const headBytes = 64

// errShape is why a good answer is not believed.
var errShape = errors.New("the answer is not Google's, though it says that all is well")

// wellFormed looks at the beginning of an answer with status 200: an object of JSON, and not the one that explains a
// failure. A proxy, or a server that stumbles, answers such things; taken for an empty list they would say that
// there is nothing, and what is there would be withdrawn.
func wellFormed(res *http.Response) error {
	if res.StatusCode != http.StatusOK {
		return nil
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(res.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	res.Body = &begun{Reader: io.MultiReader(bytes.NewReader(head), res.Body), Closer: res.Body}
	first, object := bytes.CutPrefix(bytes.TrimSpace(head), []byte("{"))
	switch {
	case !object:
		return fmt.Errorf("%w: it is no JSON object", errShape)
	case bytes.HasPrefix(bytes.TrimSpace(first), []byte(`"error"`)):
		return fmt.Errorf("%w: it holds an error", errShape)
	}
	return nil
}

// begun is a body whose beginning was read.
type begun struct {
	io.Reader
	io.Closer
}

// Misshapen is the Fault for a good answer that lacks what Google always gives.
func Misshapen(op, lacks string) error {
	return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: fmt.Errorf("%w: it has no %s", errShape, lacks)}
}

// Kind says whether an answer is of the kind that was asked for.
func Kind(op, got, want string) error {
	if got == want {
		return nil
	}
	return Misshapen(op, "kind "+want)
}
