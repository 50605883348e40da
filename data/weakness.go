package data

import (
	"context"
	"fmt"
)

// Weakness spoils the kernel on purpose, for whoever shows that the falls of a café would bring it to light. No flag, no
// variable of the environment and no file leads to one: a test of the whole house names who may write these words.
type Weakness func(*Options)

// SyncAtCheckpoints syncs the log at checkpoints only (synchronous=NORMAL): an answer is given before its commit is on the disk.
func SyncAtCheckpoints(o *Options) { o.hooks.synchronous = "NORMAL" }

// NeverSync syncs nothing (synchronous=OFF).
func NeverSync(o *Options) { o.hooks.synchronous = "OFF" }

// AnswerBeforeCommit answers each caller before COMMIT.
func AnswerBeforeCommit(o *Options) { o.hooks.ackEarly = true }

// SellBehindTheOldLog neither rewrites nor truncates the log at start: the next sale stands behind frames that a failed sync
// may have left out of the disk.
func SellBehindTheOldLog(o *Options) { o.hooks.keepLog = true }

// TrustTheCache truncates the log at start without rewriting it first.
func TrustTheCache(o *Options) { o.hooks.trustCache = true }

// KeepRefusedCells leaves heads and numbers in memory as a refused closure set them.
func KeepRefusedCells(o *Options) { o.hooks.keepCells = true }

// TellRewrites calls told with the path of each log that is rewritten at start. It weakens nothing: it lets a recording disk
// know of the one write that passes SQLite's file layer by.
func TellRewrites(told func(path string)) Weakness {
	return func(o *Options) { o.hooks.afterRewrite = told }
}

// CarriedOut reports whether a command is among those whose answers are kept (ninety days): it happened, whole.
func CarriedOut(ctx context.Context, q Querier, id string) (bool, error) {
	var there bool
	if err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM commands WHERE id = ?)`, id).Scan(&there); err != nil {
		return false, fmt.Errorf("look for command %s: %w", id, err)
	}
	return there, nil
}
