package apidescription

import (
	"encoding/json"
	"testing"
)

func TestJSON(t *testing.T) {
	var d struct {
		OpenAPI string                     `json:"openapi"`
		Paths   map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(JSON(), &d); err != nil {
		t.Fatal(err)
	}
	if d.OpenAPI != "3.1.0" || d.Paths["/invoices"] == nil {
		t.Errorf("openapi %q, %d paths: not the description of the API", d.OpenAPI, len(d.Paths))
	}
	b := JSON()
	b[0] = 'x'
	if JSON()[0] != '{' {
		t.Error("a caller could change the embedded description")
	}
}
