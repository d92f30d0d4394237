package googleapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/api/googleapi"
)

// Get makes one call with Do, a GET of an address without a generated service, and reads the answer's JSON into what
// into points to. It fails like Do.
func (a *Access) Get(ctx context.Context, op string, cost int, history bool, address string, into any) error {
	return a.Do(ctx, op, cost, history, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return fmt.Errorf("make request: %w", err)
		}
		res, err := a.client.Do(req)
		if err != nil {
			return err
		}
		defer func() {
			_, _ = io.Copy(io.Discard, res.Body) // bounded by the client; the connection is used again
			_ = res.Body.Close()
		}()
		if err := googleapi.CheckResponse(res); err != nil {
			return err
		}
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		return nil
	})
}
