package procountor

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vienti/vienti/procountor/apidescription"
)

// schemaTypes says which of our types stands for which schema. Every property of the schema must
// be a field, and no field may be more; required ones must always be sent.
var schemaTypes = map[string]any{
	"AccountingRights": AccountingRights{},
	"Attachment":       Attachment{},
	"AllocationMetadataWithFullLedgerAccountDataRow": AllocationRow{},
	"ReferencePayment":                    ReferencePayment{},
	"BankAccount":                         BankAccount{},
	"BankAccountAlias":                    BankAccountAlias{},
	"BasicInvoicingInfo":                  BasicInvoicingInfo{},
	"BasicRegistryInfo":                   BasicRegistryInfo{},
	"BusinessIdentifier":                  BusinessIdentifier{},
	"BusinessPartner":                     Partner{},
	"BusinessPartnerAccount":              AccountName{},
	"BusinessPartnerAccountsInfo":         AccountPair{},
	"BusinessPartnerAdditionalInfo":       PartnerAdditionalInfo{},
	"BusinessPartnerAddress":              Address{},
	"BusinessPartnerBasicInfo":            PartnerInfo{},
	"BusinessPartnerBillingAddress":       Address{},
	"BusinessPartnerContactPerson":        ContactPerson{},
	"BusinessPartnerDefaultAccounts":      PartnerDefaultAccounts{},
	"BusinessPartnerDeliveryAddress":      Address{},
	"BusinessPartnerGroup":                PartnerGroup{},
	"BusinessPartnerPaymentDetails":       PersonalPaymentDetails{},
	"BusinessPartnerPaymentInfo":          PartnerPaymentInfo{},
	"CashDiscount":                        CashDiscount{},
	"CashDiscountOption":                  CashDiscountOption{},
	"CurrencyGroupRates":                  CurrencyGroupRates{},
	"CurrencyRate":                        CurrencyRate{},
	"CirculationSettings":                 CirculationSettings{},
	"CollectionsAndPenalExpenses":         CollectionSettings{},
	"Comment":                             Comment{},
	"CommentWithTaggedUsers":              CommentDetail{},
	"Company":                             CompanyInfo{},
	"CompanyAddress":                      CompanyAddress{},
	"CompanyBankAccount":                  CompanyBankAccount{},
	"CompanyBankAccountBasicInfo":         CompanyBankAccountInfo{},
	"CompanyBillingAddress":               CompanyBillingAddress{},
	"CompanySettings":                     CompanySettings{},
	"CompanyUsageSettings":                UsageSettings{},
	"CompanyUsageSettingsAccountingByRow": UsageAccountingByRow{},
	"CompanyUsageSettingsCashDiscount":    UsageCashDiscount{},
	"CounterParty":                        CounterParty{},
	"DefaultDimension":                    DefaultDimension{},
	"DefaultDimensionBasicData":           DefaultDimensionInfo{},
	"DefaultDimensionItem":                DefaultDimensionItem{},
	"DefaultDimensionItemBasicData":       DefaultDimensionItemInfo{},
	"DefaultProduct":                      DefaultProduct{},
	"DefaultProductSettings":              DefaultProductSettings{},
	"DeliveryTermsInfo":                   DeliveryTermsInfo{},
	"Dimension":                           Dimension{},
	"DimensionItem":                       DimensionItem{},
	"DimensionItemValue":                  DimensionItemValue{},
	"Document":                            AttachmentInfo{},
	"EInvoiceAddress":                     EInvoiceAddress{},
	"EInvoiceData":                        EInvoiceData{},
	"ExtraInfo":                           ExtraInfo{},
	"FiscalYear":                          FiscalYear{},
	"Invoice":                             Invoice{},
	"InvoiceApprovalInformation":          ApprovalInformation{},
	"InvoiceBasicInfo":                    InvoiceInfo{},
	"InvoiceBillingAddress":               Address{},
	"InvoiceCheckerInformation":           Checker{},
	"InvoiceCirculationRights":            InvoiceCirculationRights{},
	"InvoiceCounterpartyAddress":          CounterPartyAddress{},
	"InvoiceDeliveryAddress":              Address{},
	"InvoiceOperatorInfo":                 InvoiceOperatorInfo{},
	"InvoiceRow":                          InvoiceRow{},
	"InvoiceSumInfo":                      InvoiceSumInfo{},
	"InvoiceTemplate":                     InvoiceTemplate{},
	"InvoiceTransaction":                  InvoiceTransaction{},
	"InvoiceTransactionsByInvoice":        InvoiceTransactionsOf{},
	"InvoicingInfo":                       InvoicingInfo{},
	"Journal":                             Journal{},
	"LedgerAccount":                       LedgerAccount{},
	"LedgerAccountTranslation":            LedgerAccountTranslation{},
	"LedgerReceipt":                       LedgerReceipt{},
	"LedgerReceiptBasicInfo":              LedgerReceiptInfo{},
	"ManagementRights":                    ManagementRights{},
	"MarkInvoiceAsPaid":                   MarkPaid{},
	"PaymentEvent":                        PaymentEvent{},
	"PaymentInfo":                         PaymentInfo{},
	"PaymentRights":                       PaymentRights{},
	"Person":                              Person{},
	"PersonAddress":                       Address{},
	"PersonBasicAddress":                  PersonInfoAddress{},
	"PersonBasicInfo":                     PersonInfo{},
	"PersonBasicInvoicingInfo":            PersonInfoInvoicingInfo{},
	"PersonBasicRegistryInfo":             PersonInfoRegistryInfo{},
	"PersonFullAddress":                   PersonFullAddress{},
	"PersonInvoicingInfo":                 PersonInvoicingInfo{},
	"PersonPaymentInfo":                   PersonPaymentInfo{},
	"PersonRegistryInfo":                  PersonRegistryInfo{},
	"PersonalDetails":                     PersonalDetails{},
	"Product":                             Product{},
	"ProductBasicInfo":                    ProductBasicInfo{},
	"ProductGroup":                        ProductGroup{},
	"ProductLocalization":                 ProductLocalization{},
	"ProductValidityPeriod":               ProductValidityPeriod{},
	"PurchasesRights":                     PurchasesRights{},
	"RegistryInfo":                        RegistryInfo{},
	"SalariesRights":                      SalariesRights{},
	"SalesRights":                         SalesRights{},
	"SearchResultMetaData":                SearchMeta{},
	"SerialNumber":                        SerialNumber{},
	"SessionInfo":                         SessionInfo{},
	"Status":                              Health{},
	"Substitution":                        Substitution{},
	"TaggableUser":                        TaggableUser{},
	"TaggedUser":                          TaggedUser{},
	"TaggedUsersInfo":                     TaggedUsersInfo{},
	"TrackingPeriod":                      TrackingPeriod{},
	"Transaction":                         Transaction{},
	"TransactionIdentifier":               Confirmation{},
	"TravelAndExpensesRights":             TravelAndExpensesRights{},
	"TravelInformationItem":               TravelInformationItem{},
	"User":                                User{},
	"UserPermissions":                     Permissions{},
	"UserPrivileges":                      Privileges{},
	"UserProfile":                         UserProfile{},
	"UserRights":                          UserRights{},
	"VatCountryInfo":                      VATCountry{},
	"VatInfo":                             VATPercent{},
	"VatInformation":                      VATInformation{},
	"VatSettings":                         VATSettings{},
	"VatStatusInfo":                       VATStatus{},
	"Verifier":                            Verifier{},
	"VerifierList":                        VerifierList{},
	"VerifierListBasic":                   VerifierListInfo{},
}

// A schema is the part of a JSON schema that the test reads.
type schema struct {
	Type       any                `json:"type"`
	Format     string             `json:"format"`
	Ref        string             `json:"$ref"`
	Enum       []string           `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
}

func description(t *testing.T) (schemas map[string]*schema, paths map[string]map[string]json.RawMessage) {
	t.Helper()
	var d struct {
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components struct {
			Schemas map[string]*schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(apidescription.JSON(), &d); err != nil {
		t.Fatal(err)
	}
	return d.Components.Schemas, d.Paths
}

func TestTypesFitTheDescription(t *testing.T) {
	schemas, _ := description(t)
	for name, v := range schemaTypes {
		s := schemas[name]
		if s == nil {
			t.Errorf("the description has no %s", name)
			continue
		}
		typ := reflect.TypeOf(v)
		var fields []string
		for f := range typ.Fields() {
			tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, tag)
			p := s.Properties[tag]
			if p == nil {
				t.Errorf("%s.%s: %s has no property %q", typ.Name(), f.Name, name, tag)
				continue
			}
			required := slices.Contains(s.Required, tag)
			if required != (opts == "") {
				t.Errorf("%s.%s: required is %v, but the tag says %q", typ.Name(), f.Name, required, opts)
			}
			checkKind(t, typ.Name()+"."+f.Name, f.Type, p, schemas)
		}
		for p := range s.Properties {
			if !slices.Contains(fields, p) {
				t.Errorf("%s has no field for %s.%s", typ.Name(), name, p)
			}
		}
	}
}

// checkKind compares the kind of a field with that of its property: no number may be a float, no
// day a string.
func checkKind(t *testing.T, where string, typ reflect.Type, p *schema, schemas map[string]*schema) {
	t.Helper()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if p.Ref != "" {
		ref := p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]
		if ours, ok := schemaTypes[ref]; ok && reflect.TypeOf(ours) != typ {
			t.Errorf("%s is %s, the description says %s", where, typ, ref)
		}
		if target := schemas[ref]; len(target.Properties) == 0 {
			checkKind(t, where, typ, target, schemas)
		}
		return
	}
	kind, _ := p.Type.(string)
	if list, ok := p.Type.([]any); ok {
		kind, _ = list[0].(string)
	}
	ok := true
	switch {
	case kind == "array":
		if ok = typ.Kind() == reflect.Slice; ok {
			checkKind(t, where+"[]", typ.Elem(), p.Items, schemas)
		}
	case kind == "number":
		ok = typ == reflect.TypeFor[Decimal]()
	case kind == "integer":
		ok = typ.Kind() == reflect.Int || typ.Kind() == reflect.Int64
	case kind == "boolean":
		ok = typ.Kind() == reflect.Bool
	case p.Format == "date":
		ok = typ == reflect.TypeFor[Date]()
	case p.Format == "date-time":
		ok = typ == reflect.TypeFor[Time]()
	case kind == "string":
		ok = typ.Kind() == reflect.String
	}
	if !ok {
		t.Errorf("%s is %s, the description says %v %s", where, typ, p.Type, p.Format)
	}
}

// Every type that a listed type refers to is listed too.
func TestNoTypeIsForgotten(t *testing.T) {
	listed := map[reflect.Type]bool{}
	for _, v := range schemaTypes {
		listed[reflect.TypeOf(v)] = true
	}
	values := []reflect.Type{reflect.TypeFor[Decimal](), reflect.TypeFor[Date](), reflect.TypeFor[Time]()}
	for typ := range listed {
		for f := range typ.Fields() {
			ft := f.Type
			for ft.Kind() == reflect.Pointer || ft.Kind() == reflect.Slice {
				ft = ft.Elem()
			}
			if ft.Kind() == reflect.Struct && !listed[ft] && !slices.Contains(values, ft) {
				t.Errorf("%s of %s stands for no schema", ft.Name(), typ.Name())
			}
		}
	}
}

func TestZeroValuesSendWhatIsRequired(t *testing.T) {
	schemas, _ := description(t)
	for name, v := range schemaTypes {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		for _, p := range schemas[name].Required {
			if _, ok := m[p]; !ok {
				t.Errorf("%s: %s is required and not sent in %s", name, p, b)
			}
		}
		if len(m) != len(schemas[name].Required) {
			t.Errorf("%s: an empty one sends %s", name, b)
		}
	}
}

// enumTypes says where the values of our enumerations stand. The constants must be those values,
// all of them, but for Currency and InvoiceAction, of which only some have a name.
var enumTypes = map[string][2]string{
	"Status": {"ReceiptStatus", ""}, "InvoiceType": {"Invoice", "type"}, "Channel": {"Invoice", "invoiceChannel"},
	"DeliveryMethod": {"Invoice", "deliveryMethod"}, "Language": {"Invoice", "language"},
	"PaymentMethod": {"BusinessPartnerPaymentInfo", "paymentMethod"}, "ReferenceCodeType": {"PaymentInfo", "bankReferenceCodeType"},
	"CashDiscountTerm": {"CashDiscount", "cashDiscountsTermType"}, "MarkPaidMethod": {"MarkInvoiceAsPaid", "paymentMethodType"},
	"PaymentEventType": {"PaymentEvent", "type"}, "ReceiptType": {"LedgerReceipt", "type"}, "VATType": {"LedgerReceipt", "vatType"},
	"TransactionType": {"Transaction", "transactionType"}, "ReceiptValidity": {"LedgerReceipt", "receiptValidity"},
	"Depreciation": {"LedgerReceipt", "depreciation"}, "ReferenceKind": {"Attachment", "referenceType"},
	"PartnerType": {"BusinessPartner", "type"}, "Gender": {"PersonInvoicingInfo", "gender"}, "ProductType": {"Product", "type"}, "PeriodStatus": {"TrackingPeriod", "status"},
	"BankAccountStatus": {"CompanyBankAccount", "status"}, "BankAccountAliasType": {"BankAccountAlias", "type"},
	"IdentifierType": {"BusinessIdentifier", "brnType"}, "HealthStatus": {"Status", "status"}, "Right": {"SalesRights", "salesOrGroupInvoices"},
	"Unit": {"Unit", ""}, "CountryName": {"CountryName", ""}, "Currency": {"CurrencyCode", ""},
	"InvoiceAction": {"InvoiceTransaction", "action"},
}

func TestEnumerations(t *testing.T) {
	ours := constants(t)
	schemas, _ := description(t)
	for name, at := range enumTypes {
		s := schemas[at[0]]
		if at[1] != "" {
			s = s.Properties[at[1]]
		}
		if len(ours[name]) == 0 || len(s.Enum) == 0 {
			t.Errorf("%s: %d constants, %d values", name, len(ours[name]), len(s.Enum))
		}
		for _, v := range ours[name] {
			if !slices.Contains(s.Enum, v) {
				t.Errorf("%s %q is not in the description", name, v)
			}
		}
		for _, v := range s.Enum {
			if name != "Currency" && name != "InvoiceAction" && !slices.Contains(ours[name], v) {
				t.Errorf("%s %q has no constant", name, v)
			}
		}
	}
	for name := range ours {
		if _, ok := enumTypes[name]; !ok && name != "Class" {
			t.Errorf("the constants of %s are compared with nothing", name)
		}
	}
}

// constants reads the string constants of the package by their type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				vs := spec.(*ast.ValueSpec)
				typ, ok := vs.Type.(*ast.Ident)
				lit, ok2 := vs.Values[0].(*ast.BasicLit)
				if !ok || !ok2 || lit.Kind != token.STRING {
					continue
				}
				v, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found[typ.Name] = append(found[typ.Name], v)
			}
		}
	}
	return found
}

func TestAbsentEmptyAndGiven(t *testing.T) {
	for _, tc := range []struct {
		in           any
		want, refuse string
	}{
		{PaymentInfo{}, ``, `bankReferenceCode`},
		{PaymentInfo{BankReferenceCode: new("")}, `"bankReferenceCode":""`, ``},
		{PaymentInfo{BankReferenceCode: new("26013")}, `"bankReferenceCode":"26013"`, ``},
		{Invoice{}, ``, `billingAddress`},
		{Invoice{BillingAddress: &Address{}, DeliveryAddress: &Address{}}, `"billingAddress":{},"deliveryAddress":{}`, ``},
		{Invoice{}, ``, `invoiceApprovalInformation`},
		{Invoice{InvoiceApprovalInformation: &ApprovalInformation{}}, `"invoiceApprovalInformation":{}`, ``},
		{Invoice{}, ``, `vatStatus`},
		{Invoice{VATStatus: new(12)}, `"vatStatus":12`, ``},
		{InvoiceRow{}, `"discountPercent":0`, `vatStatus`},
		{Invoice{}, ``, `penaltyPercent`},
		{Invoice{PenaltyPercent: MustParseDecimal("0")}, `"penaltyPercent":0`, ``},
		{RegistryInfo{Active: new(false)}, `"active":false`, ``},
		{RegistryInfo{}, ``, `active`},
	} {
		b, err := json.Marshal(tc.in)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), tc.want) || tc.refuse != "" && strings.Contains(string(b), tc.refuse) {
			t.Errorf("%T gives %s, want %q and not %q", tc.in, b, tc.want, tc.refuse)
		}
	}
	var p PaymentInfo
	if err := json.Unmarshal([]byte(`{"bankReferenceCode":"","somethingNew":{"x":1},"paymentMethod":"TELEPATHY"}`), &p); err != nil {
		t.Fatal(err)
	}
	if p.BankReferenceCode == nil || *p.BankReferenceCode != "" || p.PaymentMethod != "TELEPATHY" {
		t.Errorf("%+v", p)
	}
}

func TestCountryCodes(t *testing.T) {
	if !slices.IsSortedFunc(countryCodes, func(a, b countryCode) int { return strings.Compare(a.code, b.code) }) {
		t.Error("the codes are not in order")
	}
	seen := map[CountryName]bool{}
	for _, cc := range countryCodes {
		if seen[cc.name] {
			t.Errorf("%s has two codes", cc.name)
		}
		seen[cc.name] = true
		if name, ok := CountryByCode(cc.code); !ok || name != cc.name || name.Code() != cc.code || len(cc.code) != 2 {
			t.Errorf("%s: %s %s", cc.code, name, name.Code())
		}
	}
	schemas, _ := description(t)
	for _, name := range schemas["CountryName"].Enum {
		if !seen[CountryName(name)] {
			t.Errorf("%s has no code", name)
		}
	}
	for code, want := range map[string]CountryName{"FI": CountryFinland, "SE": CountrySweden, "EE": CountryEstonia, "DE": CountryGermany, "FR": CountryFrance,
		"AX": CountryAlandIslands, "GB": "UNITED_KINGDOM_OF_GREAT_BRITAIN_AND_NORTHERN_IRELAND", "CZ": "CZECH_REPUBLIC", "": "", "ZZ": "", "fi": "", "FIN": ""} {
		if got, _ := CountryByCode(code); got != want {
			t.Errorf("%q: %s", code, got)
		}
	}
	if CountryName("ATLANTIS").Code() != "" {
		t.Error("Atlantis has a code")
	}
}
