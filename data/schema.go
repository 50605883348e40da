package data

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"comptoir/data/fault"
)

// newestSchema is the SHA-256 of what the migrations of this release make, as schemaOf lists it: a start compares it without
// running them. TestTheNewestSchemaIsTheOneWrittenDown says the right one after a migration was added.
const newestSchema = "6b337b94e99ee386142557aa2c1254ca3c2c35c5a6221b04dd07db613b9af386"

// errSchema is told of a file that bears the right mark and has tables, indexes, triggers or views that Comptoir does not make.
var errSchema = fault.New(fault.Conflict, "data.schema", "The tables or triggers of this database are not those that Comptoir makes: somebody has changed them.")

// SchemaCheck is the invariant that tables, indexes, triggers and views are those the migrations make, letter by letter. A
// trigger that is gone lets a ledger be edited, and one that was added changes what is written later. Whoever opens a whole
// café registers it. It is a hedge, not the lock; the journal's signatures are.
func SchemaCheck() Check { return Check{"tables and triggers as they are made", schemaBreaches} }

// CheckSchema refuses a database that SchemaCheck finds a breach in: data.schema (args found, count).
func CheckSchema(ctx context.Context, q Querier) error {
	found, err := schemaBreaches(ctx, q)
	if err != nil || len(found) == 0 {
		return err
	}
	return errSchema.With("found", found[0]).With("count", len(found))
}

// schemaBreaches compares the schema of a file, of whatever release, with the one that the migrations up to its version make.
func schemaBreaches(ctx context.Context, q Querier) ([]string, error) {
	have, err := schemaOf(ctx, q)
	if err != nil {
		return nil, err
	}
	var version int64
	if err := q.QueryRow(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&version); err != nil {
		return nil, fmt.Errorf("version of the schema: %w", err)
	}
	known, err := newestMigration()
	if err != nil {
		return nil, err
	}
	if version == known && schemaDigest(have) == newestSchema {
		return nil, nil
	}
	made, err := madeSchema(ctx, version)
	if err != nil {
		return nil, err
	}
	return compareSchemas(made, have), nil
}

// schemaPart is one row of a schema.
type schemaPart struct{ what, text string }

// schemaOf lists what a schema is made of, in order. Indexes that a table brings with it go by the table; statistics that
// somebody let SQLite gather change no row; how the table of versions is worded is not ours.
func schemaOf(ctx context.Context, q Querier) ([]schemaPart, error) {
	return All(ctx, q, func(r *Rows) (p schemaPart, err error) {
		err = r.Scan(&p.what, &p.text)
		return p, err
	}, `SELECT type || ' ' || name || iif(tbl_name = name, '', ' on ' || tbl_name), iif(type = 'table' AND name = ?, '', coalesce(sql, '')) FROM sqlite_schema
		WHERE NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4')) AND NOT (type = 'index' AND sql IS NULL) ORDER BY 1, 2 LIMIT -1`, versionTable)
}

func schemaDigest(parts []schemaPart) string {
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(sum, "%d %s\n%d %s\n", len(p.what), p.what, len(p.text), p.text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// madeSchema runs the migrations up to a version on a database in memory.
func madeSchema(ctx context.Context, version int64) (parts []schemaPart, err error) {
	pool, err := sql.Open(driverName, ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1) // another connection would have another memory
	p, err := provider(pool)
	if err != nil {
		return nil, err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return nil, fmt.Errorf("make the schema of version %d: %w", version, err)
	}
	return schemaOf(ctx, &Reader{pool: pool, saw: func(error) {}, stmts: map[string]*sql.Stmt{}})
}

// compareSchemas names what is gone, what is made otherwise, and what nobody here made.
func compareSchemas(made, have []schemaPart) (breaches []string) {
	for _, p := range made {
		if !slices.Contains(have, p) {
			same := func(other schemaPart) bool { return other.what == p.what }
			if slices.ContainsFunc(have, same) {
				breaches = append(breaches, "the "+p.what+" is not as it was made")
			} else {
				breaches = append(breaches, "the "+p.what+" is gone")
			}
		}
	}
	for i, p := range have {
		same := func(other schemaPart) bool { return other.what == p.what }
		if !slices.ContainsFunc(made, same) || slices.ContainsFunc(have[:i], same) {
			breaches = append(breaches, "the "+strings.TrimSpace(p.what)+" is none of ours")
		}
	}
	return breaches
}
