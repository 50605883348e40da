// Package fault is the one way an expected refusal travels through Comptoir: a kind (what sort), a stable
// code (which rule), public words for developers, and a private cause for the log.
//
// It knows neither HTTP nor languages: cmd/comptoir/internal/web maps kinds to statuses in one table, and the
// catalogue of internal/locale turns codes into sentences. Standard library only.
package fault
