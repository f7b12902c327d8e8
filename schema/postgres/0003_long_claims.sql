-- Claims of more than two days are few, so they are looked for apart: what a claim overlaps is found
-- among those that began within two days before it, and among these.
CREATE INDEX claims_long ON claims (space_id, start_at) WHERE end_at - start_at > 172800;
