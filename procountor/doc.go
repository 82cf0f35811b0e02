// Package procountor is a client of the Procountor API, release 26.04, on the standard library alone.
//
// Make a [Client] with [New]; its fields are the sections of the API:
//
//	c, err := procountor.New(procountor.Options{
//		BaseURL:      procountor.Testing,
//		ClientID:     "exampleClient",
//		ClientSecret: secret,
//		APIKey:       key,
//		Limiter:      procountor.NewLimiter(20),
//	})
//	…
//	saved, err := c.Invoices.Create(ctx, &procountor.Invoice{…})
//	for info, err := range c.Invoices.List(ctx, procountor.InvoiceFilter{OriginalInvoiceNumber: "1042"}) {
//		…
//	}
//
// # Writes
//
// The API has no idempotency key, so the client never sends a write twice: not after 401, not
// after 429, not when the line breaks. Each error is an [*Error] with a [Class] that says what may
// have happened. After [Unclear] the thing may exist: look before writing again. Reads are
// repeated a few times by themselves.
//
// # Values
//
// Amounts are [Decimal], exact and never a float; days are [Date]; date-times are [Time], without a
// zone, and go back exactly as they came. Optional fields left at their zero value are not sent;
// where "not sent" and "empty" mean different things to Procountor the field is a pointer
// (new(12) makes one). Unknown fields in answers are ignored, unknown values of enumerations kept.
//
// # Sources
//
// The package was written from public material (see OPENAPI.md in the package apidescription), not
// against a live service. "REFERENCE 3.1" and the like in comments name sections of the project's
// collection of that material.
package procountor
