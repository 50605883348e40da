package pos

import (
	"context"

	"comptoir/data"
	"comptoir/loyalty"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// partnerByCode finds whose private page has this code. Whatever is wrong with it, the answer is the same: partner.unknown.
func (t *Till) partnerByCode(ctx context.Context, code string) (suspended.Partner, error) {
	if len(code) != partnerLetters+1 || !loyalty.CheckCode(code) {
		return suspended.Partner{}, errPartnerPage
	}
	return suspended.PartnerByLink(ctx, t.db.Reader(), hashOf(code))
}

// PartnerSignIn opens the page of a partner on one phone, for twelve hours: its code and its PIN. The secret of the session is
// told once. Refusals: partner.unknown, partner.pin, pin.wait as SignIn. Nothing of it is journaled: nobody outside writes
// into the journal.
func (t *Till) PartnerSignIn(ctx context.Context, code, pin string) (session string, err error) {
	p, err := t.partnerByCode(ctx, code)
	if err != nil {
		return "", err
	}
	kept, err := t.provePartner(ctx, partnerPhonePlace, p.ID, pin)
	if err != nil {
		return "", err
	}
	session = newSecret()
	return session, t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		now, err := suspended.PartnerPIN(ctx, tx, p.ID) // it may have been replaced while the old one was compared
		if err != nil {
			return err
		}
		if now != kept {
			return errPartnerPIN
		}
		if err := suspended.OpenPartnerSession(ctx, tx, p.ID, hashOf(session), tx.Now().Add(partnerSession).UnixMilli()); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "partner.signed_in", Body: map[string]any{"partner": p.ID}})
	})
}

// provePartner compares the PIN of a partner, under the delays of signing in; a partner without PIN has none that is right.
// A wrong one on a phone does not keep the partner waiting at the counter: each place has its own delay.
func (t *Till) provePartner(ctx context.Context, place, id, pin string) (kept string, err error) {
	slot := t.pins.slot(DoorTill, place+id, "")
	if err := slot.enter(ctx); err != nil {
		return "", err
	}
	defer slot.leave()
	if err := slot.wait(t.db.Now()); err != nil {
		return "", err
	}
	if kept, err = suspended.PartnerPIN(ctx, t.db.Reader(), id); err != nil {
		return "", err
	}
	right, err := t.pins.matches(ctx, pin, kept)
	switch {
	case err != nil:
		return "", err
	case !right:
		slot.missed(t.db.Now())
		return "", errPartnerPIN
	}
	slot.right()
	return kept, nil
}

// PartnerOf returns who is signed in on a partner's page. Refusals: partner.unknown; session.none when the PIN has to be given.
func (t *Till) PartnerOf(ctx context.Context, code, session string) (Partner, error) {
	p, err := t.partnerByCode(ctx, code)
	if err != nil {
		return Partner{}, err
	}
	if session == "" {
		return Partner{}, errNoSession
	}
	id, err := suspended.PartnerSession(ctx, t.db.Reader(), hashOf(session), t.db.Now().UnixMilli())
	if err == nil && id != p.ID {
		err = errNoSession
	}
	return partnerOf(p), err
}

// recordPartnerMiss journals a wrong PIN of a partner at the counter, in a commit of its own, under who was there.
func (t *Till) recordPartnerMiss(ctx context.Context, by By) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventLoginFail, map[string]any{"known": true, "partner": true})
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "login.failed", Body: map[string]any{"journal": []int64{seq}}})
	})
}
