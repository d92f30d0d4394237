package web

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// alsoOK documents a second answer: 200 beside 201, for what was there already.
func alsoOK[T any](api huma.API) map[string]*huma.Response {
	return map[string]*huma.Response{strconv.Itoa(http.StatusOK): {Description: "It was stored before.",
		Content: map[string]*huma.MediaType{"application/json": {Schema: schemaOf[T](api)}}}}
}

// jsonOrCSV documents an answer that comes in two forms.
func jsonOrCSV[T any](api huma.API) map[string]*huma.Response {
	return map[string]*huma.Response{strconv.Itoa(http.StatusOK): {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[T](api)},
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
}

func schemaOf[T any](api huma.API) *huma.Schema {
	return api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
}

// written is an answer whose bytes the operation wrote itself.
type written struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}
