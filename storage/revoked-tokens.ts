/**
 * Tokens that must not be accepted any more although their time is not over: logged out, or rotated. In
 * memory to be asked on every request, in rows to survive a restart, forgotten when they would have expired.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { RevokedTokensTable } from './tables.js'

export type RevokedToken = Readonly<RevokedTokensTable>

export interface RevokedTokens {
  find(jti: string): RevokedToken | undefined
  insert(token: RevokedToken): void
  /** `revoked` hears of each token in the call that revokes it. */
  watch(revoked: (token: RevokedToken) => void): void
}

/** Expired rows are swept when this many tokens have been revoked since the last time. */
const SWEEP_EVERY = 100

export function createRevokedTokens(db: Database, group: Group, now: () => number): RevokedTokens {
  const replace = prepare<RevokedToken>(
    db,
    query
      .replaceInto('revoked_tokens')
      .values(params<RevokedTokensTable>(['jti', 'reason', 'revoked_at', 'expires_at'])),
  )
  const sweep = prepare<{ expires_at: number }>(
    db,
    query.deleteFrom('revoked_tokens').where('expires_at', '<', param<number>('expires_at')),
  )
  const tokens = new Map<string, RevokedToken>()
  for (const row of prepare<object, RevokedToken>(db, query.selectFrom('revoked_tokens').selectAll()).iterate(
    {},
  ))
    tokens.set(row.jti, row)
  const watching: ((token: RevokedToken) => void)[] = []
  let sinceSweep = 0

  const writer: Writer<RevokedToken> = {
    write: (row) => void replace.run(row),
    undo(row) {
      if (tokens.get(row.jti) === row) tokens.delete(row.jti)
    },
  }
  const sweeper: Writer<{ expires_at: number }> = { write: (row) => void sweep.run(row) }

  return {
    find: (jti) => tokens.get(jti),
    insert(token) {
      tokens.set(token.jti, token)
      group.write(writer, token)
      for (const revoked of watching) revoked(token)
      if (++sinceSweep < SWEEP_EVERY) return
      sinceSweep = 0
      const expires_at = now()
      for (const row of tokens.values()) if (row.expires_at < expires_at) tokens.delete(row.jti)
      group.write(sweeper, { expires_at })
    },
    watch: (revoked) => void watching.push(revoked),
  }
}
