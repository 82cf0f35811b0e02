package severafake

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// feeRoutes are the costs of projects.
func (s *Server) feeRoutes() {
	s.serve("projectfees", nil)
	s.serveOf("/v1/projects/{projectGuid}/projectfees", "projects", "projectGuid", "projectfees",
		func(o Object, guid string) bool { return text(o, "project.guid") == guid }, map[string]filter{"productType": is("productType"), "isBillable": is("isBillable")})
	s.serve("deletedprojectfees", map[string]filter{"projectGuids": is("project.guid"), "deletedSince": func(o Object, v []string) bool {
		since, err := time.Parse(time.RFC3339Nano, v[0])
		at, errAt := time.Parse(time.RFC3339Nano, text(o, "deletedDateTime"))
		return err == nil && errAt == nil && !at.Before(since)
	}})
	s.patch("projectfees", nil, nil)
	s.handle("POST /v1/projectfees", s.newFee)
	s.handle("DELETE /v1/projectfees/{guid}", s.removeFee)
}

// newFee makes a cost of a project that is open.
func (s *Server) newFee(w http.ResponseWriter, r *http.Request) {
	in, _ := body(r).(Object)
	project := s.find("projects", text(in, "project.guid"))
	switch {
	case project == nil:
		s.refuse(w, http.StatusNotFound, "InvalidParameter", "no project "+text(in, "project.guid"))
		return
	case text(project, "isClosed") == "true":
		s.refuse(w, http.StatusBadRequest, "InvalidOperation", "Project is closed.")
		return
	}
	o := Object{"project": s.ref("projectfees", "project", "projects", text(in, "project.guid")), "invoice": nil}
	for _, name := range []string{"name", "description", "quantity", "measurementUnit", "productType", "vatRate", "eventDate", "isBillable", "billingSchedule"} {
		if v, ok := in[name]; ok {
			o[name] = v
		}
	}
	for _, name := range []string{"unitCost", "unitPrice"} {
		if m, ok := in[name].(Object); ok {
			o[name] = Money(text(m, "amount"), text(m, "currencyCode"))
		}
	}
	guid := s.put("projectfees", o)
	s.created(w, r, []Object{s.find("projectfees", guid)})
}

// created answers that something was made.
func (s *Server) created(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.problem("%s: %v", r.URL.Path, err)
		return
	}
	template, op, _ := theDescription().find(r.Method, r.URL.Path)
	if plain, err := decode(b); err == nil {
		for _, why := range theDescription().check("answer", plain, op.Responses["201"].Content["application/json"].Schema) {
			s.problem("%s %s: %s", r.Method, template, why)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusCreated)
	if !s.SilentFees {
		_, _ = w.Write(b)
	}
}

// removeFee takes a cost away that is on no invoice.
func (s *Server) removeFee(w http.ResponseWriter, r *http.Request) {
	guid := r.PathValue("guid")
	o := s.find("projectfees", guid)
	switch {
	case o == nil:
		s.refuse(w, http.StatusNotFound, "InvalidParameter", "no projectfees "+guid)
		return
	case text(o, "invoice.guid") != "":
		s.refuse(w, http.StatusBadRequest, "InvalidOperation", "The fee is on an invoice.")
		return
	}
	s.things["deletedprojectfees"] = append(s.things["deletedprojectfees"], copied(Object{"guid": guid, "deletedDateTime": stamp(s.Now()),
		"project": Object{"guid": text(o, "project.guid")}, "name": o["name"], "eventDate": o["eventDate"], "quantity": o["quantity"]}))
	s.things["projectfees"] = slices.DeleteFunc(s.things["projectfees"], func(o Object) bool { return o["guid"] == guid })
	w.WriteHeader(http.StatusNoContent)
}

// InvoiceFee puts a cost on an invoice, as a person does.
func (s *Server) InvoiceFee(fee, invoice string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.find("invoices", invoice)
	s.change("projectfees", fee, func(o Object) {
		o["invoice"] = Object{"guid": invoice, "date": inv["date"], "number": inv["number"]}
	})
}
