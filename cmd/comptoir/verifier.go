package main

import (
	"context"
	"log/slog"
	"time"

	"comptoir/data"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// verifyInterval is how often the service looks whether the whole journal is to be verified again.
const verifyInterval = 15 * time.Minute

// keepVerified verifies the journal beside the selling until the context ends: at the start what seals it and the open day,
// and every entry once a week and after each month (fiscal §6.6, R64). The result is journaled; what is wrong stays on the
// dashboard until a manager has seen it. It gives way to sales, as what comes after it does: then runs once after the first verification: the disk is read by one at a time.
func keepVerified(ctx context.Context, t *pos.Till, log *slog.Logger, then func()) {
	for first := true; ; first = false {
		verifyDue(ctx, t, log, first)
		if first {
			then()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(verifyInterval):
		}
	}
}

func verifyDue(ctx context.Context, t *pos.Till, log *slog.Logger, first bool) {
	full, err := t.VerificationDue(ctx)
	if err == nil && !first && !full {
		return
	}
	if err == nil {
		var report journal.Report
		err = data.Gently(func() (err error) {
			report, err = t.VerifyJournal(ctx, full)
			return err
		})
		if err == nil && report.Conform {
			return
		}
		if err == nil {
			log.Error("the journal is not as it was signed", "seq", report.Anomalies[0].Seq, "check", report.Anomalies[0].Check)
		}
	}
	if err != nil && ctx.Err() == nil {
		log.Error("the journal could not be verified", "error", err)
	}
}
