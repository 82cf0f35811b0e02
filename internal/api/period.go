package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
)

// A ByMonth names a month in a path.
type ByMonth struct {
	Month string `path:"month" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" example:"2026-03" doc:"The month, as YYYY-MM."`
}

// A PeriodClosed answers a source that has closed a month.
type PeriodClosed struct {
	Month   string            `json:"month" example:"2026-03"`
	Level   string            `json:"level" enum:"document,journal" doc:"document: every document goes by itself, and closing the month sends nothing. journal: the documents that wait for the month become journals now."`
	First   bool              `json:"first" doc:"Whether the month was not closed before. Closing it again changes nothing."`
	Waiting int               `json:"waiting" doc:"How many documents of the month become journals now; 0 at document level."`
	Arrived int               `json:"arrived" doc:"How many documents of the month stand in Procountor."`
	Open    int               `json:"open" doc:"How many documents of the month do not, and were not left out on purpose. At journal level those that wait are among them."`
	Missing []MissingDocument `json:"missing,omitempty" doc:"The first of those, at most 100."`
}

// A MissingDocument is a document of a closed month that is not in Procountor yet.
type MissingDocument struct {
	ID     string `json:"id" doc:"Vienti's id of the document."`
	Number string `json:"number"`
	Date   string `json:"date" format:"date"`
	State  string `json:"state" enum:"noticed,ready,working,waiting,unclear,held,refused"`
}

const periodsPath = "/v1/periods"

func (s *server) periods(api huma.API) {
	op := huma.Operation{OperationID: "close-period", Method: http.MethodPost, Path: periodsPath + "/{month}/close", Tags: []string{"Periods"},
		Summary: "Say that a month is closed",
		Description: "Tell Vienti that your system has closed a month. At journal level the documents of that month then become journals; one that comes later makes " +
			"a further journal. At document level nothing is sent, ever: every document has gone by itself, and the answer names those that have not arrived.\n\n" +
			"Closing a month twice is closing it once. A month is not opened again.", DefaultStatus: http.StatusOK}
	huma.Register(api, op, func(ctx context.Context, in *ByMonth) (*answer[PeriodClosed], error) {
		month, err := hub.ParseMonth(in.Month)
		if err != nil {
			return nil, problem(http.StatusUnprocessableEntity, codeParameter, err.Error())
		}
		rc, err := s.engine.ClosePeriod(ctx, "source", connectionOf(ctx).ID, month)
		if errors.Is(err, engine.ErrFuturePeriod) {
			return nil, problem(http.StatusUnprocessableEntity, codeParameter, "the month has not begun")
		}
		if err != nil {
			return nil, s.trouble(ctx, "close period", err)
		}
		return &answer[PeriodClosed]{Status: http.StatusOK, Body: periodClosed(rc)}, nil
	})
}

func periodClosed(rc engine.PeriodReceipt) PeriodClosed {
	out := PeriodClosed{Month: string(rc.Month), Level: string(rc.Level), First: rc.First, Arrived: rc.Arrived, Open: rc.Open}
	if rc.Level == hub.JournalLevel {
		out.Waiting = rc.Waiting
	}
	for _, t := range rc.Missing {
		out.Missing = append(out.Missing, MissingDocument{ID: t.Subject, Number: t.Number, Date: t.Date, State: string(t.State)})
	}
	return out
}
