// Package web is the till's face: pages for people, JSON for programs, hints for live screens. It is the only
// package that imports Fiber and html/template.
//
// # What it owns
//
//   - Two listeners. Staff: till, manager pages and the API under /api/v1. Public: card, receipt and board pages,
//     read-only but for claiming stamps and taking a card. A phone on the guest Wi-Fi reaches only the second, and
//     the API does not exist there.
//   - One table of routes per listener. A row names its roles; everything else (host, origin, identity, limits,
//     headers, deadline, log line, form of an error) is done once, around every row.
//   - One table from kinds of refusal to statuses (errors.go).
//   - The hub: hints that a topic has a new version, never data. Whoever misses one reads again.
//
// # Invariants
//
//   - A handler decodes, calls one use case of pos and answers. It computes no money and keeps no state.
//   - A cause is logged once and never answered. Log lines carry the pattern of a route, never its path: codes of
//     cards and receipts, tokens and names stay out of them (I16).
//   - Every command carries an id; asking twice answers the same.
//
// It knows no SQL and no file of the data directory.
package web
