package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/suspended"
)

// Exposure is what the café has promised and not spent: the meals of cards that wait on the shelf, and those that the
// stamps in progress may become, at standard cost. Provision is what an accountant may set aside for it (solidarity.md
// §6): the same, each weighted by how likely a meal on the shelf is to be served.
type Exposure struct {
	Shelf money.Cents `json:"shelf"` // cost of the meals of cards that wait or are promised
	Cards money.Cents `json:"cards"` // stamps in progress × cost of a meal ÷ 9 × completion
	Total money.Cents `json:"total"`

	Meals      int               `json:"meals"`      // of cards, waiting
	Stamps     int               `json:"stamps"`     // on cards that have not come to their ninth
	MealCost   money.Cents       `json:"meal_cost"`  // standard cost of a meal
	Completion money.BasisPoints `json:"completion"` // of the stamps in progress a year ago, those whose card has come to its ninth since
	Redemption money.BasisPoints `json:"redemption"` // of the meals released in the past year, those served or collected
	Assumed    bool              `json:"assumed"`    // Completion is assumed: there is no year of cards behind it
	Provision  money.Cents       `json:"provision"`  // Total × Redemption
}

const (
	assumedCompletion = 5000 // basis points, while no year of cards has been seen
	whole             = 10_000
	yearDays          = 365
)

// exposure adds up what is promised on the day of the books.
func (t *Till) exposure(ctx context.Context, q data.Querier, b *books) (x Exposure, err error) {
	for _, s := range b.stock {
		x.Meals, x.Shelf = x.Meals+s.Loyalty, x.Shelf+s.Unpaid
	}
	yearAgo := daysFrom(b.today, -yearDays)
	cards, err := loyalty.InProgress(ctx, q, yearAgo)
	if err != nil {
		return x, err
	}
	if x.MealCost, err = t.releaseCost(ctx, q); err != nil {
		return x, err
	}
	released, handed, err := suspended.ReleasesHanded(ctx, q, daysFrom(yearAgo, 1), b.today)
	if err != nil {
		return x, err
	}
	x.weigh(cards, released, handed)
	return x, nil
}

// weigh values the stamps in progress by how many of those a year ago became meals, and both by how many meals are served.
// Fewer than nine stamps a year ago say nothing: half of them is assumed then. While no meal was released all are taken as
// served, which is prudent.
func (x *Exposure) weigh(cards loyalty.Progress, released, handed int) {
	x.Stamps, x.Completion, x.Redemption = cards.Stamps, assumedCompletion, whole
	if x.Assumed = cards.Began < loyalty.MealsPerRelease; !x.Assumed {
		x.Completion = share10k(cards.Completed, cards.Began)
	}
	if released > 0 {
		x.Redemption = share10k(handed, released)
	}
	x.Cards = halfUp(money.Cents(x.Stamps)*x.MealCost*money.Cents(x.Completion), loyalty.MealsPerRelease*whole)
	x.Total = x.Shelf + x.Cards
	x.Provision = halfUp(x.Total*money.Cents(x.Redemption), whole)
}

// share10k is a part of a whole in basis points, rounded half up; 0 of nothing.
func share10k(part, of int) money.BasisPoints {
	if of <= 0 {
		return 0
	}
	return money.BasisPoints(halfUp(money.Cents(max(part, 0))*whole, money.Cents(of)))
}
