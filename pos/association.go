package pos

import (
	"context"

	"comptoir/data"
	"comptoir/suspended"
)

// association is the name of a partner that money may be given for. Refusals: partner.unknown, partner.ended.
func association(ctx context.Context, q data.Querier, id string) (string, error) {
	p, err := suspended.ActivePartner(ctx, q, id)
	return p.Name, err
}

// partnerName is the name of a partner now, ended ones too; "" for none.
func partnerName(ctx context.Context, q data.Querier, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	p, err := suspended.FindPartner(ctx, q, id)
	return p.Name, err
}

// Association is the name of a partner that money may be given for. Refusals: partner.unknown, partner.ended.
func (t *Till) Association(ctx context.Context, id string) (string, error) {
	return association(ctx, t.db.Reader(), id)
}
