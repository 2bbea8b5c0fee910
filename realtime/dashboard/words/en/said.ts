/**
 * What the server says in sentences of its own, by its codes: they are English, so that they stand here as they are.
 * A code without words in another language is left to the server's sentence, which is marked as English.
 */
import { FINDINGS } from '../../../../routing/contract/findings.js'
import { COMMAND_SAYINGS } from '../../../../routing/contract/sentences/commands.js'
import { FIELD_WRONGS } from '../../../../routing/contract/sentences/fields.js'
import { HEALTH_WARNINGS } from '../../../../routing/contract/sentences/health.js'

export const said = {
  advice: FINDINGS as Record<keyof typeof FINDINGS, string>,
  command: COMMAND_SAYINGS as Record<keyof typeof COMMAND_SAYINGS, string>,
  field: FIELD_WRONGS as Record<keyof typeof FIELD_WRONGS, string>,
  health: HEALTH_WARNINGS as Record<keyof typeof HEALTH_WARNINGS, string>,
}
