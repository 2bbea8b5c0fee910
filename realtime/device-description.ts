/** What people say about a device when they register or change it, and the columns that become of it. */
import Type from 'typebox'
import type { Amended, Described } from '../routing/registry.js'
import { EspId, given } from './shapes.js'
import { wrongField } from './validate.js'
import { ZoneIdGiven } from './zone-body.js'

export const Anything = Type.Record(Type.String(), Type.Unknown())
const Text = (maxLength: number) => given(Type.String({ maxLength }))

/** What people say about a device at any time. */
export const description = {
  name: Text(100),
  zone_id: ZoneIdGiven,
  zone_name: Text(100),
  is_zone_master: Type.Optional(Type.Boolean()),
  capabilities: given(Anything),
}
export const Registration = Type.Object({
  device_id: EspId,
  ...description,
  hardware_type: Text(50),
  ip_address: Text(45),
  mac_address: given(
    Type.String({
      pattern: '^(([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})?$',
      description: 'six hex pairs with `:`',
    }),
  ),
  firmware_version: Text(50),
})
export const Credentials = {
  mqtt_username: Type.String(),
  mqtt_password: Type.String({ description: 'said this once and never again' }),
}

/** Longest JSON text of capabilities or metadata, characters. */
const LONGEST = 16_384

/** JSON text of an object a client gave. Throws Problem (422) when there is too much of it. */
export function jsonOf(field: string, object: object): string {
  const text = JSON.stringify(object)
  if (text.length > LONGEST)
    throw wrongField(field, `must take at most ${LONGEST} characters`, null, 'body', {
      code: 'text_within',
      facts: { most: LONGEST },
    })
  return text
}

/** The columns of a body: what is missing stays away, an empty word is null. rest-contract §1 */
export function columnsOf({
  capabilities,
  is_zone_master,
  ...words
}: Record<string, unknown>): Amended & Described {
  const texts = Object.entries(words).filter(([, word]) => word !== undefined)
  return {
    ...Object.fromEntries(texts.map(([name, word]) => [name, word || null])),
    ...(is_zone_master !== undefined && { is_zone_master: is_zone_master ? 1 : 0 }),
    ...(capabilities != null && { capabilities: jsonOf('capabilities', capabilities) }),
  }
}
