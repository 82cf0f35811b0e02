package severafake

import (
	"fmt"
	"math/big"
	"net/http"
	"slices"
)

// travelRoutes are the travel reimbursements, their rows, PDFs and receipts.
func (s *Server) travelRoutes() {
	s.serve("travelreimbursements", map[string]filter{"travelReimbursementStatusGuids": is("travelReimbursementStatus.guid")})
	s.patch("travelreimbursements", map[string]string{"travelReimbursementStatus": "travelreimbursementstatuses"}, nil)
	s.serve("travelreimbursementstatuses", map[string]filter{"active": is("isActive")})
	s.serve("projecttravelexpenses", nil)
	s.serve("travelexpensetypes", map[string]filter{"active": is("isActive"), "code": is("code")})
	s.serve("costaccounts", map[string]filter{"active": is("isActive")})
	s.serveOf("/v1/travelreimbursements/{travelReimbursementGuid}/projecttravelexpenses", "travelreimbursements", "travelReimbursementGuid", "projecttravelexpenses",
		func(o Object, guid string) bool { return text(o, "travelReimbursement.guid") == guid }, map[string]filter{"expenseClass": is("travelExpense.expenseClass")})
	s.serveOf("/v1/projecttravelexpenses/{projectTravelExpenseGuid}/files", "projecttravelexpenses", "projectTravelExpenseGuid", "projecttravelexpensefiles",
		func(o Object, guid string) bool { return o["travelExpenseGuid"] == guid }, nil)
	s.handle("GET /v1/travelreimbursements/{guid}/pdf", func(w http.ResponseWriter, r *http.Request) {
		o := s.find("travelreimbursements", r.PathValue("guid"))
		if o == nil {
			s.refuse(w, http.StatusNotFound, "InvalidParameter", "no such travel reimbursement")
			return
		}
		s.last++
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(PDF("Matkalasku "+text(o, "number"), fmt.Sprintf("%s %d", stamp(s.Now()), s.last)))
	})
}

// A Traveller is an employee who claims travel.
type Traveller struct {
	First, Last, Code, Email, IBAN string
	// SSN is in Severa and goes nowhere.
	SSN string
}

// NewUser makes an employee.
func (s *Server) NewUser(u Traveller) string {
	return s.Put("users", Object{"firstName": u.First, "lastName": u.Last, "code": u.Code, "email": u.Email, "bankAccountNumber": u.IBAN, "socialSecurityNumber": u.SSN, "isActive": true})
}

// TravelStatuses are those of travel invoices: chosen to be fetched, and after the transfer.
type TravelStatuses struct{ Waiting, Transferred string }

// FurnishTravel puts the statuses of travel invoices there.
func (s *Server) FurnishTravel() (t TravelStatuses) {
	for i, x := range []struct {
		guid *string
		name string
	}{{&t.Waiting, "Odottaa siirtoa Procountoriin"}, {&t.Transferred, "Siirretty Procountoriin"}} {
		*x.guid = s.Put("travelreimbursementstatuses", Object{"name": x.name, "sortOrder": i, "isLocked": true, "isApproved": true, "isActive": true, "isDefault": false})
	}
	return t
}

// A Claim is what a test says of a travel invoice; see [Server.NewClaim].
type Claim struct {
	Number                    int
	Date, Title, Status, User string
	Advance                   string
	Rows                      []Expense
}

// An Expense is a row of a [Claim].
type Expense struct {
	Type, Code, Class         string // Mileage, DailyAllowance or OtherTravelExpense
	Text, Quantity, Cost, VAT string
	Unit, Day, Start, End     string
	Project, CostCentre       string // guids
	Account                   string // guid
	Receipts                  []string
}

// NewClaim makes a travel invoice with its rows and returns its guid.
func (s *Server) NewClaim(c Claim) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, total := s.find("users", c.User), new(big.Rat)
	for _, r := range c.Rows {
		total.Add(total, round(product(r.Quantity, r.Cost)))
	}
	advance := c.Advance
	if advance == "" {
		advance = "0"
	}
	paid, _ := new(big.Rat).SetString(advance)
	guid := s.put("travelreimbursements", Object{"number": c.Number, "title": c.Title, "date": c.Date + "T00:00:00Z",
		"user":           Object{"guid": c.User, "name": text(user, "firstName") + " " + text(user, "lastName")},
		"advancePayment": Money(advance, "EUR"), "totalExpenses": Money(total.FloatString(2), "EUR"), "total": Money(new(big.Rat).Sub(total, paid).FloatString(2), "EUR"),
		"groupBy": "None", "canChangeApproval": false, "travelReimbursementStatus": s.ref("travelreimbursements", "travelReimbursementStatus", "travelreimbursementstatuses", c.Status)})
	for _, r := range c.Rows {
		o := Object{"user": Object{"guid": c.User, "code": text(user, "code"), "name": text(user, "firstName")}, "travelReimbursement": Object{"guid": guid},
			"travelExpense": Object{"guid": s.guid(), "name": r.Type, "code": r.Code, "expenseClass": r.Class, "includeTime": r.Start != ""}, "description": r.Text,
			"quantity": Number(r.Quantity), "unitCost": Money(r.Cost, "EUR"), "unitPrice": Money(r.Cost, "EUR"), "measurementUnit": r.Unit, "eventDate": r.Day, "attachmentCount": len(r.Receipts)}
		if r.VAT != "" {
			o["purchaseVatRate"] = Number(r.VAT)
		}
		if r.Start != "" {
			o["travelStartTime"], o["travelEndTime"] = r.Start, r.End
		}
		if r.Project != "" {
			o["project"] = Object{"guid": r.Project, "name": text(s.find("projects", r.Project), "name")}
		}
		if r.CostCentre != "" {
			o["costCenter"] = Object{"guid": r.CostCentre, "name": text(s.find("costcenters", r.CostCentre), "name")}
		}
		if r.Account != "" {
			o["costAccount"] = Object{"guid": r.Account, "name": text(s.find("costaccounts", r.Account), "name")}
		}
		row := s.put("projecttravelexpenses", o)
		for _, name := range r.Receipts {
			s.receipt(row, name, "application/pdf", PDF(name, ""))
		}
	}
	return guid
}

func (s *Server) receipt(row, name, contentType string, content []byte) {
	file := s.guid()
	s.bytes[file] = slices.Clone(content)
	s.things["projecttravelexpensefiles"] = append(s.things["projecttravelexpensefiles"], copied(Object{"guid": s.guid(), "fileGuid": file, "travelExpenseGuid": row, "name": name,
		"size": len(content), "contentType": contentType, "category": "ProjectTravelExpense", "isInternal": false, "source": "Severa"}))
}

// AddReceipt puts a receipt to the first row of a claim.
func (s *Server) AddReceipt(claim, name, contentType string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.things["projecttravelexpenses"] {
		if text(o, "travelReimbursement.guid") == claim {
			s.receipt(text(o, "guid"), name, contentType, content)
			s.change("projecttravelexpenses", text(o, "guid"), func(o Object) { o["attachmentCount"] = 1 })
			return
		}
	}
}
