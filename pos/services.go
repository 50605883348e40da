package pos

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/suspended"
)

// ServicePlan is what a manager says of a planned service: so many dishes on some evenings of each week (solidarity.md
// §5.4, "tablée dimanche"). It is for partners and evenings: who walks in is served at all hours, service or none (G11).
type ServicePlan struct {
	Name     string `json:"name"`
	Class    string `json:"class"`    // of what is dished up; default meal
	Partner  string `json:"partner"`  // id of who collects the dishes; "": the café serves them itself
	Dishes   int    `json:"dishes"`   // an evening
	Weekdays []int  `json:"weekdays"` // 1 Monday to 7 Sunday
	Starts   string `json:"starts"`   // on the café's clock, "19:00"
	Meets    string `json:"meets"`    // when the volunteers meet; default Starts
	From     string `json:"from"`     // first day; default today
	Until    string `json:"until"`    // last day; "": no end
	Places   *int   `json:"places"`   // for volunteers, an evening; default 5
	Note     string `json:"note"`     // for the volunteers
}

// Service is a planned service as it stands.
type Service struct {
	ID string `json:"id"`
	ServicePlan
	Ended bool `json:"ended"` // its last day is over

	link int // of how many links the volunteers have the newest
}

// Limits of services.
const (
	maxServices     = 20
	maxDishes       = 500 // an evening
	maxPlaces       = 50  // for volunteers, an evening
	defaultPlaces   = 5   // a night is cooked by five
	aheadDays       = 28  // evenings are made four weeks ahead, today included
	rotaLetters     = 16  // of a code: 64 random bits
	rotaCodeLetters = rotaLetters + 1
	clockForm       = "15:04"
)

// Refusals about services.
var (
	errService     = fault.New(fault.Invalid, "service.invalid", "Something said of the service cannot be; the fields say which.")
	errNoService   = fault.New(fault.NotFound, "service.unknown", "There is no such service.")
	errServiceName = fault.New(fault.Conflict, "service.exists", "There is a service of that name.").Field("name", "taken")
	errServices    = fault.New(fault.Conflict, "services.full", "There are as many services as there can be; give one that has ended another name and new days.")
)

// check refuses what can never be, every field at once, and fills in the defaults. today is the open business day; a
// service is not planned to end before least.
func (p *ServicePlan) check(ctx context.Context, q data.Querier, today, least string) error {
	var c checker
	c.name("name", &p.Name)
	c.optional("note", &p.Note, maxNoteRunes)
	c.between("dishes", int64(p.Dishes), 1, maxDishes)
	if p.Places == nil {
		places := defaultPlaces
		p.Places = &places
	}
	c.between("places", int64(*p.Places), 0, maxPlaces)
	if p.Class == "" {
		p.Class = suspended.Meal
	}
	classes, err := suspended.Classes(ctx, q)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(classes, func(k suspended.Class) bool { return k.Code == p.Class }) {
		c.add("class", "one_of", nil)
	}
	if p.Partner != "" {
		if _, err := suspended.ActivePartner(ctx, q, p.Partner); fault.KindOf(err) == fault.Internal {
			return err
		} else if err != nil {
			c.add("partner", "unknown", nil)
		}
	}
	c.weekdays(&p.Weekdays)
	c.clock("starts", &p.Starts, "")
	c.clock("meets", &p.Meets, p.Starts)
	c.days(p, today, least)
	return c.refusal(errService)
}

// weekdays sorts days of the week and takes each once.
func (c *checker) weekdays(days *[]int) {
	sorted := slices.Compact(slices.Sorted(slices.Values(*days)))
	switch {
	case len(sorted) == 0:
		c.add("weekdays", codeRequired, nil)
	case sorted[0] < 1 || sorted[len(sorted)-1] > 7:
		c.add("weekdays", codeRange, map[string]any{"min": 1, "max": 7})
	}
	*days = sorted
}

// clock checks an hour of the day; without a fallback one is required.
func (c *checker) clock(field string, at *string, fallback string) {
	if *at == "" {
		*at = fallback
	}
	if _, err := time.Parse(clockForm, *at); *at == "" || err != nil || len(*at) != len(clockForm) {
		c.add(field, "time", nil)
	}
}

// days checks the first and the last day of a service.
func (c *checker) days(p *ServicePlan, today, least string) {
	if p.From == "" {
		p.From = today
	}
	if !isDay(p.From) {
		c.add("from", "date", nil)
	}
	switch {
	case p.Until == "":
	case !isDay(p.Until):
		c.add("until", "date", nil)
	case p.Until < max(p.From, least):
		c.add("until", "past", nil)
	}
}

func isDay(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}

// weekdayOf is 1 for a Monday to 7 for a Sunday.
func weekdayOf(day string) int {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return (int(at.Weekday())+6)%7 + 1
}

// mask is the weekdays of a plan as bits, Monday first.
func mask(weekdays []int) (bits int) {
	for _, d := range weekdays {
		bits |= 1 << (d - 1)
	}
	return bits
}

func unmask(bits int) (weekdays []int) {
	for d := range 7 {
		if bits&(1<<d) != 0 {
			weekdays = append(weekdays, d+1)
		}
	}
	return weekdays
}

// falls reports whether a service is held on a day.
func (s Service) falls(day string) bool {
	return s.From <= day && (s.Until == "" || day <= s.Until) && slices.Contains(s.Weekdays, weekdayOf(day))
}

const serviceColumns = `id, name, class, partner, dishes, weekdays, starts, meets, first, last, places, note, link`

func scanService(today string) func(interface{ Scan(...any) error }) (Service, error) {
	return func(r interface{ Scan(...any) error }) (Service, error) {
		var s Service
		var bits, places int
		err := r.Scan(&s.ID, &s.Name, &s.Class, &s.Partner, &s.Dishes, &bits, &s.Starts, &s.Meets, &s.From, &s.Until, &places, &s.Note, &s.link)
		s.Weekdays, s.Places, s.Ended = unmask(bits), &places, s.Until != "" && s.Until < today
		return s, err
	}
}

// Services lists the planned services by name, those that have ended too.
func (t *Till) Services(ctx context.Context) ([]Service, error) {
	return t.services(ctx, t.db.Reader())
}

func (t *Till) services(ctx context.Context, q data.Querier) ([]Service, error) {
	scan := scanService(t.db.Today())
	all, err := data.All(ctx, q, func(r *data.Rows) (Service, error) { return scan(r) },
		`SELECT `+serviceColumns+` FROM services ORDER BY folded LIMIT ?`, maxServices)
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	return nonNil(all), nil
}

// Service returns one planned service. Refusal: service.unknown.
func (t *Till) Service(ctx context.Context, id string) (Service, error) {
	return t.service(ctx, t.db.Reader(), id)
}

func (t *Till) service(ctx context.Context, q data.Querier, id string) (Service, error) {
	s, err := scanService(t.db.Today())(q.QueryRow(ctx, `SELECT `+serviceColumns+` FROM services WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return s, errNoService
	}
	if err != nil {
		return s, fmt.Errorf("service: %w", err)
	}
	return s, nil
}

// AddService plans a service, and its evenings of the next four weeks. Refusals: right.missing, service.invalid,
// service.exists, services.full.
func (t *Till) AddService(ctx context.Context, by By, p ServicePlan) (Service, error) {
	if err := by.mustManage(); err != nil {
		return Service{}, err
	}
	added, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Service, error) {
		if err := p.check(ctx, tx, tx.Day(), tx.Day()); err != nil {
			return Service{}, err
		}
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM services`).Scan(&n); err != nil {
			return Service{}, fmt.Errorf("services: %w", err)
		}
		if n >= maxServices {
			return Service{}, errServices.With("max", maxServices)
		}
		s := Service{ID: tx.NewID(), ServicePlan: p, link: 1}
		code, err := t.rotaCode(s)
		if err != nil {
			return Service{}, err
		}
		hash := sha256.Sum256([]byte(code))
		_, err = tx.Exec(ctx, `INSERT INTO services (id, name, folded, class, partner, dishes, weekdays, starts, meets, first, last, places, note, link, code, planned, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, '', ?)`, s.ID, p.Name, fold(p.Name), p.Class, p.Partner, p.Dishes, mask(p.Weekdays),
			p.Starts, p.Meets, p.From, p.Until, *p.Places, p.Note, hash[:], tx.Now().UnixMilli())
		if data.IsDuplicate(err) {
			return Service{}, errServiceName
		}
		if err != nil {
			return Service{}, fmt.Errorf("add service: %w", err)
		}
		if _, err := t.planEvenings(ctx, tx, s); err != nil {
			return Service{}, err
		}
		return s, tx.Record(data.Event{Type: "service.added", Body: map[string]any{"service": s.ID}})
	})
	return added, err
}

// ChangeService says anew what a service is. Its evenings to come follow, but for what was changed on one of them; those
// that no longer fall on its days are cancelled, and nobody who has signed up is sent home for fewer places. Refusals:
// those of AddService, service.unknown, and training.real when dishes put aside would go back.
func (t *Till) ChangeService(ctx context.Context, by By, id string, p ServicePlan) (Service, error) {
	if err := by.mustManage(); err != nil {
		return Service{}, err
	}
	changed, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Service, error) {
		was, err := t.service(ctx, tx, id)
		if err != nil {
			return Service{}, err
		}
		if p.From == "" {
			p.From = was.From
		}
		if p.Places == nil {
			p.Places = was.Places
		}
		if err := p.check(ctx, tx, tx.Day(), ""); err != nil {
			return Service{}, err
		}
		_, err = tx.Exec(ctx, `UPDATE services SET name = ?, folded = ?, class = ?, partner = ?, dishes = ?, weekdays = ?, starts = ?, meets = ?, first = ?, last = ?,
			places = ?, note = ? WHERE id = ?`, p.Name, fold(p.Name), p.Class, p.Partner, p.Dishes, mask(p.Weekdays), p.Starts, p.Meets, p.From, p.Until, *p.Places, p.Note, id)
		if data.IsDuplicate(err) {
			return Service{}, errServiceName
		}
		if err != nil {
			return Service{}, fmt.Errorf("change service: %w", err)
		}
		now, err := t.service(ctx, tx, id)
		if err != nil {
			return Service{}, err
		}
		made, err := t.follow(ctx, tx, by, now)
		if err != nil {
			return Service{}, err
		}
		return now, tx.Record(data.Event{Type: "service.changed", Topics: []string{topicAllotments, "shelf"}, Body: map[string]any{"service": id, "journal": nonNil(made)}})
	})
	return changed, err
}

// rotaCode is the code of a service's volunteers' link. It is drawn from the secret beside the database, so that the café
// can print it at any time and the database holds its hash alone.
func (t *Till) rotaCode(s Service) (string, error) {
	stream, err := t.secret.stream("service", data.Command{ID: fmt.Sprintf("%s.%d", s.ID, s.link)})
	if err != nil {
		return "", err
	}
	return loyalty.NewCode(stream, rotaLetters)
}

// RotaURL is the address at which volunteers sign up, in capitals so that its QR code stays small; "" when the secret it
// was drawn from is lost, so that a new link has to be made. Refusal: service.unknown.
func (t *Till) RotaURL(ctx context.Context, id string) (string, error) {
	s, err := t.Service(ctx, id)
	if err != nil {
		return "", err
	}
	code, err := t.rotaCode(s)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(code))
	var known bool
	if err := t.db.Reader().QueryRow(ctx, `SELECT code = ? FROM services WHERE id = ?`, hash[:], id).Scan(&known); err != nil || !known {
		return "", err
	}
	return strings.ToUpper(t.config.PublicURL) + "/V/" + code, nil
}

// RenewLink makes another link for the volunteers of a service: the one before opens nothing any more. Places that were
// taken stay taken, and their holders' own links stay good. Refusals: right.missing, service.unknown.
func (t *Till) RenewLink(ctx context.Context, by By, id string) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (bool, error) {
		s, err := t.service(ctx, tx, id)
		if err != nil {
			return false, err
		}
		s.link++
		code, err := t.rotaCode(s)
		if err != nil {
			return false, err
		}
		hash := sha256.Sum256([]byte(code))
		if _, err := tx.Exec(ctx, `UPDATE services SET link = ?, code = ? WHERE id = ?`, s.link, hash[:], id); err != nil {
			return false, fmt.Errorf("renew link: %w", err)
		}
		return true, tx.Record(data.Event{Type: "service.link", Body: map[string]any{"service": id, "link": s.link}})
	})
	return err
}
