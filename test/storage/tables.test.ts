/** storage/tables.ts and storage/actuator-tables.ts say what schema.sql says: column for column, type for type, and what may be null. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { openDatabase } from '../../storage/database.js'

interface Column {
  name: string
  type: string
  notnull: number
  pk: number
}

const source = ['tables', 'actuator-tables']
  .map((file) => readFileSync(new URL(`../../../storage/${file}.ts`, import.meta.url), 'utf8'))
  .join('\n')

/** Fields of an interface: name → type as it is written. */
const fieldsOf = (name: string): Record<string, string> => {
  const body = new RegExp(`interface ${name} \\{\\n([^}]*)\\}`).exec(source)?.[1] ?? ''
  return Object.fromEntries([...body.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, field, type]) => [field, type]))
}

/** An alias such as `Role` stands for words, which are text. */
const inSql = (type: string): string => {
  const [base] = type.split(' | null')
  if (base === 'number') return 'number'
  return base === 'Uint8Array' ? 'BLOB' : 'TEXT'
}

const db = openDatabase(':memory:')
const tables = fieldsOf('Tables')
const columnsOf = (table: string): Column[] => db.pragma(`table_info(${table})`) as Column[]

for (const [table, row] of Object.entries(tables))
  t.test(`the columns of ${table} are those of ${row}`, async (t) => {
    const fields = fieldsOf(row)
    const columns = columnsOf(table)
    t.strictSame(Object.keys(fields).sort(), columns.map(({ name }) => name).sort())
    if (table === 'readings') return
    for (const { name, type, notnull, pk } of columns) {
      const written = fields[name] ?? 'missing'
      const known = type === 'INTEGER' || type === 'REAL' ? 'number' : type
      t.equal(inSql(written), known, `${name} is ${type}`)
      t.equal(/\| null$/.test(written), notnull === 0 && pk === 0, `${name}: may it be null?`)
    }
  })

t.test('no table is missing, and each is STRICT', async (t) => {
  const listed = db.pragma('table_list') as { schema: string; name: string; type: string; strict: number }[]
  const ours = listed.filter(({ schema, name }) => schema === 'main' && !name.startsWith('sqlite_'))
  t.strictSame(
    ours.map(({ name }) => name).sort(),
    [...Object.keys(tables), 'sensor_data'].sort(),
    'sensor_data is for people: statements never name it',
  )
  for (const { name, type, strict } of ours) if (type === 'table') t.equal(strict, 1, name)
})

t.test('sensor_data has the columns people were promised', async (t) => {
  t.strictSame(
    columnsOf('sensor_data').map(({ name }) => name),
    // decisions §1, SQL
    'esp_id gpio sensor_type address raw_value processed_value unit quality processing_mode timestamp received_at time_source seq zone_id subzone_id data_source'.split(
      ' ',
    ),
  )
})
