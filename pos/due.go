package pos

import (
	"context"
	"errors"
)

// DoDue does what is due by the clock beside the closings: promises that lapse, services that are planned, cards that are
// erased. It is asked every minute while the café is served, and each part writes nothing, and reads little, while nothing
// is due. One that cannot be done now keeps no other from being done. It returns how many things were done.
func (t *Till) DoDue(ctx context.Context) (done int, err error) {
	for _, part := range t.dues() {
		n, failed := part(ctx)
		done, err = done+n, errors.Join(err, failed)
	}
	return done, err
}

// dues lists what may be due. In training nothing of the café moves.
func (t *Till) dues() []func(context.Context) (int, error) {
	if t.Training() {
		return nil
	}
	return []func(context.Context) (int, error){
		t.lapsePromises, // what waited too long for an open order
		t.lapseDue,      // what no partner came for
		t.OweMonths,     // of each closed month, once
		t.PlanEvenings,
		t.ReserveEvenings,
		t.EraseVolunteers,
		t.sweepUncarded, // meals that nobody stamped in time
		t.dialsPart,     // of days that were closed in passing
		t.closeDormant,  // cards where nothing has happened for two years
		t.forgetAnswers, // that nobody asks for again
	}
}

// forgetAnswers forgets old answers of commands, once a business day: never at the start, which would read them all before
// the first sale, and never only there, because a till may run for years.
func (t *Till) forgetAnswers(ctx context.Context) (int, error) {
	today := t.db.Today()
	if last := t.forgot.Load(); last != nil && *last == today {
		return 0, nil
	}
	if err := t.db.ForgetCommands(ctx); err != nil {
		return 0, err
	}
	t.forgot.Store(&today)
	return 0, nil
}
