package web

import (
	"context"

	"github.com/valyala/fasthttp"

	"comptoir/pos"
)

// TillPage is the page of the till, made in two ways that come to the same bytes: what a bench compares. What it shows beside the
// menu (orders, shelf, who is signed in) was read before.
type TillPage struct {
	Kept  func() ([]byte, error)       // as it is served, from what is kept of the menu
	Anew  func() ([]byte, error)       // whole, by html/template
	Bytes func() (packed int, _ error) // as it is sent to whoever takes gzip
}

// MeasuredTill returns the till's page on no order, as an operator sees it.
func (s *Server) MeasuredTill(ctx context.Context, who pos.Operator) (TillPage, error) {
	c := s.staff.AcquireCtx(&fasthttp.RequestCtx{})
	defer s.staff.ReleaseCtx(c)
	c.SetUserContext(ctx)
	c.Locals(localOperator, who)
	menu, err := s.till.Menu(ctx)
	if err != nil {
		return TillPage{}, err
	}
	v, err := s.newTill(c, &s.kept, menu, pos.Ticket{})
	if err != nil {
		return TillPage{}, err
	}
	set, err := s.pages.pages["till"]()
	if err != nil {
		return TillPage{}, err
	}
	render := func(kept *keptBlocks) (tillView, []byte, error) {
		v := v
		if err := s.menuBlocks(ctx, kept, &v, menu); err != nil {
			return v, nil, err
		}
		body, err := s.pages.render(set, "layout", v)
		return v, body, err
	}
	return TillPage{
		Kept: func() ([]byte, error) { _, body, err := render(&s.kept); return body, err },
		Anew: func() ([]byte, error) {
			var fresh keptBlocks
			_, body, err := render(&fresh)
			return body, err
		},
		Bytes: func() (int, error) {
			v, body, err := render(&s.kept)
			if err != nil {
				return 0, err
			}
			packed, err := s.pages.packer.pack(body, v.blocks)
			return len(packed), err
		},
	}, nil
}
