/**
 * Who an MQTT client is, what it says to be let in, and who decides about that. The broker asks, routing knows;
 * what each identity may publish and hear is broker/access.ts.
 */
import type { CodeName, Refusal } from './codes.js'

export type Identity =
  /** `--allow-anonymous`: an operator's rights */
  | { readonly kind: 'anonymous' }
  /** a device: its own branch and the broadcasts */
  | { readonly kind: 'device'; readonly esp_id: string }
  /** a device that proved the claim code of a pairing window and waits for its own credentials */
  | { readonly kind: 'pairing'; readonly esp_id: string }
  /** a person; `jti` is the token they came with, when they came with one, and `expires_at` its end, ms since 1970 */
  | {
      readonly kind: 'user'
      readonly user_id: number
      readonly username: string
      readonly role: 'viewer' | 'operator' | 'admin'
      readonly jti?: string
      readonly expires_at?: number
    }
  /** a part of kaiser itself */
  | { readonly kind: 'system' }

/** What somebody is called in logs and in the audit. */
export const nameOf = (identity: Identity): string =>
  'esp_id' in identity ? identity.esp_id : identity.kind === 'user' ? identity.username : identity.kind

/** What a client says of itself when it connects. */
export interface Credentials {
  readonly client_id: string
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  /** Network address; null inside this process. */
  readonly address: string | null
  /** Common name of the client certificate it proved to own. */
  readonly certificate_cn: string | undefined
}

/** Finds out who that is. `settle` is called once, at once or later, with the code when nobody is. */
export type Identify = (credentials: Credentials, settle: (verdict: Identity | CodeName) => void) => void

/** Why a message that devices would obey is not passed on. */
export interface TurnedDown {
  readonly code: Refusal
  readonly detail: string
  /** Who wanted it. */
  readonly by: string
}

/** kaiser itself does what the message says, after its own checks; nobody else hears it. */
export interface Meant {
  /** Who wants it. */
  readonly by: string
}

/**
 * May this message reach those who subscribe? Asked for every message of a client, before anything is done with it;
 * with an answer it reaches nobody.
 */
export type Gate = (topic: string, payload: Uint8Array, identity: Identity) => TurnedDown | Meant | undefined
