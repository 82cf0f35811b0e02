// Package apidescription carries the description of the Procountor API (OpenAPI 3.1)
// that the client's types are checked against and that the sandbox answers by.
//
// It is reconstructed from public material and is not an official document;
// OPENAPI.md beside this file says from which release and what is doubtful.
package apidescription

import (
	_ "embed"
)

//go:embed openapi.json
var description []byte

// JSON returns a copy of the description.
func JSON() []byte {
	return append([]byte(nil), description...)
}
