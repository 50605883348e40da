package main

// archiveCheck (16): each archive names the one before it, by the hash of its manifest (R73).
type archiveCheck struct {
	newest *ref           // doc: its manifest
	closed int64          // seq of the newest closing; −1: none known
	made   map[int64]made // ARCHIVE entries by seq
}

// made is an archive as the journal says that it was made.
type made struct {
	name, manifest string
	from, to       int64
}

func (a *archiveCheck) learn(c *chain, e *entry) {
	if b, ok := e.body.(*archived); ok {
		a.note(c, e, b)
	}
	if isClosing(e.kind) {
		a.closed = e.seq
	}
}

func (a *archiveCheck) note(c *chain, e *entry, b *archived) {
	if a.made == nil {
		a.made = map[int64]made{}
	}
	manifest := c.words.keep(b.manifest)
	a.newest = &ref{manifest, e.seq}
	a.made[e.seq] = made{c.words.keep(b.name), manifest, b.from, b.to}
}

func (a *archiveCheck) pass(c *chain, e *entry) {
	if isClosing(e.kind) {
		a.closed = e.seq
	}
	b, ok := e.body.(*archived)
	if !ok {
		return
	}
	c.r.count(checkArchive)
	if b.prev.String() != a.newest.String() {
		c.r.found(checkArchive, e, "l'archive %s dit suivre %s ; la précédente est %s", shown(b.name), b.prev, a.newest)
	}
	if b.from < 0 || b.from > b.to || b.to > a.closed {
		c.r.found(checkArchive, e, "l'archive %s couvre les écritures %d à %d, qui n'étaient pas closes", shown(b.name), b.from, b.to)
	}
	if !isHash(b.manifest) || len(b.files) == 0 {
		c.r.found(checkArchive, e, "l'archive %s n'a pas d'empreinte de manifeste ou pas de fichiers", shown(b.name))
	}
	a.note(c, e, b)
}
