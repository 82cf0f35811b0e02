package procountor

// A FiscalYear is a financial year with its months (REFERENCE 3.10). A voucher's day must fall in an
// open year and an open period.
type FiscalYear struct {
	ID              int64            `json:"id,omitempty"`
	StartDate       Date             `json:"startDate,omitzero"`
	EndDate         Date             `json:"endDate,omitzero"`
	Modified        Time             `json:"modified,omitzero"`
	TrackingPeriods []TrackingPeriod `json:"trackingPeriods,omitempty"`
	IsOpen          bool             `json:"isOpen,omitempty"` // false when closed.
}

// A TrackingPeriod is a month. The API can only turn OPEN to PENDING.
type TrackingPeriod struct {
	ID        int64        `json:"id,omitempty"`
	StartDate Date         `json:"startDate,omitzero"`
	EndDate   Date         `json:"endDate,omitzero"`
	Status    PeriodStatus `json:"status"` // Only OPEN to PENDING can be set through the API.
	Modified  Time         `json:"modified,omitzero"`
}
