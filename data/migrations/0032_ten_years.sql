-- +goose Up

-- Whether an account is dormant asks for its newest stamp, of each account, every day: found without reading all its others.
DROP INDEX stamps_account;
CREATE INDEX stamps_account ON stamps (account, delta, day);

-- Entries that an archive or a partner's statement looks for among all others, by "kind":"…" of their canonical bytes:
-- ARCHIVE, KEY_ROTATE, RESUME and SUSP_ADJUST. A sale is none of them, and writes nothing here.
CREATE INDEX journal_seldom ON journal (seq) WHERE instr(canon, x'226b696e64223a224152434849564522') > 0
  OR instr(canon, x'226b696e64223a224b45595f524f5441544522') > 0
  OR instr(canon, x'226b696e64223a22524553554d4522') > 0
  OR instr(canon, x'226b696e64223a22535553505f41444a55535422') > 0;
