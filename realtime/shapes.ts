/** Shapes that many REST bodies share: what may be null, times as text, pages of a list. rest-contract §1 */
import Type, { type Static, type TSchema } from 'typebox'

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** May be missing or null; both mean "not given". */
export const given = <T extends TSchema>(schema: T) => Type.Optional(nullable(schema))

/** ISO 8601 with a zone: the pages use `new Date(text)`. */
export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })

export const EspId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,50}$', description: 'device id' })
export const Gpio = Type.Integer({ minimum: 0, maximum: 255 })

export const PageQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1, description: 'default 1' })),
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'default 100' })),
}

export const PageInfo = Type.Object({
  page: Type.Integer(),
  page_size: Type.Integer(),
  total_items: Type.Integer(),
  total_pages: Type.Integer(),
  has_next: Type.Boolean(),
  has_prev: Type.Boolean(),
})

/** What a list answers: one page of it, and where in the list that is. */
export const ListOf = <T extends TSchema>(item: T, options: { description?: string } = {}) =>
  Type.Object({
    success: Type.Literal(true),
    message: Type.String(),
    data: Type.Array(item, options),
    pagination: PageInfo,
  })

/** Where in a list of so many a page is. */
export function pageInfo(total_items: number, page: number, page_size: number): Static<typeof PageInfo> {
  const total_pages = Math.max(1, Math.ceil(total_items / page_size))
  return { page, page_size, total_items, total_pages, has_next: page < total_pages, has_prev: page > 1 }
}

interface Wanted {
  page?: number | undefined
  page_size?: number | undefined
}

/** One page of a list, and where in the list it is. */
export const paged = <T>(all: readonly T[], { page = 1, page_size = 100 }: Wanted) => ({
  data: all.slice((page - 1) * page_size, page * page_size),
  pagination: pageInfo(all.length, page, page_size),
})

/** Answers with one page of what was found; `bodies` makes bodies of what is on it. */
export function listed<T, Body>(
  found: readonly T[],
  wanted: Wanted,
  what: string,
  bodies: (page: readonly T[]) => Body[],
) {
  const { data, pagination } = paged(found, wanted)
  return { success: true as const, message: `${found.length} ${what}`, data: bodies(data), pagination }
}
