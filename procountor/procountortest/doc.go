// Package procountortest is a Procountor of one's own: an HTTP server that
// answers as the API's description and the published rules say, remembers what
// it is told, and keeps books that balance. It is for tests and demonstrations,
// like net/http/httptest.
//
//	srv := procountortest.New(procountortest.Options{})
//	defer srv.Close()
//	client := srv.Client() // reaches procountortest.BaseURL without a socket
//	demo := srv.Demo()     // client id, secret and API key of the demo company
//
// It is not Procountor and was made without one. Where Procountor's behaviour is
// not known, the sandbox chooses: ASSUMPTIONS.md numbers the choices, and an
// answer that rests on one names it in the header X-Sandbox-Assumption. Every
// answer carries X-Procountor-Sandbox. COVERAGE.md says which operations exist
// and how faithful they are.
//
// "REFERENCE n" in comments means section n of the project's reference of the
// API, which names the public source of each rule.
//
// A tour: server.go has the options, http.go the way of a request, state.go what
// is remembered; then one file per section of the API. invoice_check.go holds
// the rules of validation, calc.go the arithmetic, receipt_make.go the ledger
// receipt of an invoice; hostile.go is what goes wrong on purpose, api.go what a
// test does in the place of a person, testdata/script the rules as raw requests.
package procountortest
