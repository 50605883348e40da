package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/fault"
)

var errNoAssociation = fault.New(fault.NotFound, "partner.unknown", "There is no such partner.")

// association is the name of a partner that money may be given for. Refusal: partner.unknown.
func association(_ context.Context, _ data.Querier, id string) (string, error) {
	return "", errNoAssociation.With("partner", id)
}

// partnerName is the name of a partner, ended ones too; "" for none.
func partnerName(_ context.Context, _ data.Querier, id string) (string, error) { return id, nil }
