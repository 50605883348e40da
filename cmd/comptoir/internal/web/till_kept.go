package web

import (
	"context"
	"fmt"
	"html/template"
	"sync"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/pos"
)

// What the till shows of the menu is the same for everybody who speaks a language, until the menu changes: it is nine tenths
// of the page, and is rendered and packed once.

// keptBlocks are the blocks made of one reading of the menu, one for each name and language. A reading is never changed and
// a change makes another one, so no block outlives its prices. The zero value has none.
type keptBlocks struct {
	mu   sync.Mutex
	menu pos.Menu
	made map[blockKey]keptBlock
}

type blockKey struct {
	name     string
	language *locale.Language
}

// keptBlock is a rendered part of a page.
type keptBlock struct {
	state  string // what it was made of beside the menu and the language
	html   template.HTML
	packed func() []byte // see packBlock; made once it is asked for
}

// block returns a block of the menu, made anew unless it is kept. Only the last state of each is: a page that comes with an
// older menu or another state is right, and costs a rendering.
func (k *keptBlocks) block(r *renderer, menu pos.Menu, key blockKey, state string, view func() any) (keptBlock, error) {
	k.mu.Lock()
	b, made := k.made[key]
	good := made && b.state == state && k.menu.Same(menu)
	k.mu.Unlock()
	if good {
		return b, nil
	}
	text, err := r.render(r.parts, key.name, view())
	if err != nil {
		return b, err
	}
	b = keptBlock{state: state, html: template.HTML(text), packed: sync.OnceValue(func() []byte { return packBlock(text) })} //nolint:gosec // html/template has just made it
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.menu.Same(menu) {
		k.menu, k.made = menu, map[blockKey]keptBlock{}
	}
	k.made[key] = b
	return b, nil
}

// railsView is the category rail.
type railsView struct {
	*locale.Language
	Rail []railView
}

// dialogsView is what opens over the till without asking the server.
type dialogsView struct {
	*locale.Language
	Serve  classesView
	Gift   classesView
	Reason []string // quick reasons for taking off what others have seen
	Qty    padView
}

// menuBlocks fills in what the till shows of the menu.
func (s *Server) menuBlocks(ctx context.Context, kept *keptBlocks, v *tillView, menu pos.Menu) error {
	withdrawn, err := s.till.Withdrawn(ctx)
	if err != nil {
		return err
	}
	l, answers := v.Language, v.Chips.Answers
	rail, err := kept.block(s.pages, menu, blockKey{"rail", l}, "", func() any { return railsView{l, newRail(l, menu)} })
	if err != nil {
		return err
	}
	grid, err := kept.block(s.pages, menu, blockKey{"grid", l}, "", func() any { return newGrid(l, menu) })
	if err != nil {
		return err
	}
	dialogs, err := kept.block(s.pages, menu, blockKey{"dialogs", l}, fmt.Sprintf("%q %q", withdrawn, answers), func() any {
		return dialogsView{
			Language: l, Serve: newClasses(l, menu, "serve", withdrawn, answers), Gift: newClasses(l, menu, "gift", withdrawn, nil),
			Reason: []string{l.T("reason.mistake"), l.T("reason.mind"), l.T("reason.out"), l.T("reason.slow")}, Qty: v.DigitPad("pad-qty"),
		}
	})
	v.Rail, v.Grid, v.Dialogs = rail.html, grid.html, dialogs.html
	v.blocks = []keptBlock{rail, grid, dialogs}
	return err
}

// sendTill sends the page of the till; what is kept of it is packed already.
func (s *Server) sendTill(c *fiber.Ctx, v tillView) error {
	set, err := s.pages.pages["till"]()
	if err != nil {
		return errBug.Wrap(err)
	}
	return s.pages.send(c, fiber.StatusOK, set, "layout", v, v.blocks...)
}
