/**
 * The built dashboard, served from memory: read once, with an ETag each. The build has compressed it (`x.js.br` and
 * `x.js.gz` beside `x.js`); what it has not is compressed when first asked for. Files with a hash in their name may be
 * kept for ever; every other path that names no file is the page.
 */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { endHead, refuse, SECURITY_HEADERS } from './http.js'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

interface Asset {
  bytes: Buffer
  type: string
  etag: string
  immutable: boolean
  encoded: Map<string, Buffer>
}

export interface Assets {
  serve(res: HttpResponse, req: HttpRequest): void
}

const NOT_BUILT =
  '<!doctype html><title>kaiser</title><p>The dashboard is not built yet: run <code>npm run build</code>.'

const filesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}

const compressors: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
}

/** How the build names what it has compressed. */
const SUFFIXES: Readonly<Record<string, string>> = { '.br': 'br', '.gz': 'gzip' }

const asset = (bytes: Buffer, path: string): Asset => ({
  bytes,
  type: TYPES[extname(path)] ?? 'application/octet-stream',
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  immutable: /-[\w-]{8,}\.\w+$/.test(path) && !path.endsWith('.html'),
  encoded: new Map(),
})

/** Does a client take this encoding? What it gives a weight of 0 it does not. RFC 9110 12.5.3 */
const takes = (accepted: string, encoding: string): boolean =>
  accepted.split(',').some((one) => one.trim().startsWith(encoding) && !/;\s*q=0(\.0*)?$/.test(one.trim()))

export function loadAssets(directory: string): Assets {
  const assets = new Map<string, Asset>()
  const files = new Set(filesIn(directory))
  const isCompressed = (file: string): boolean =>
    SUFFIXES[extname(file)] !== undefined && files.has(file.slice(0, -extname(file).length))
  for (const file of files) {
    if (isCompressed(file)) continue
    const plain = asset(readFileSync(file), file)
    for (const [suffix, encoding] of Object.entries(SUFFIXES))
      if (files.has(file + suffix)) plain.encoded.set(encoding, readFileSync(file + suffix))
    assets.set(`/${relative(directory, file)}`, plain)
  }
  const index = assets.get('/index.html') ?? asset(Buffer.from(NOT_BUILT), 'index.html')
  assets.set('/', index)

  /** The bytes in the best encoding that is ready; one that is not is made for the next request. */
  const encode = (wanted: Asset, accepted: string): { bytes: Buffer; encoding?: string } => {
    const encoding = ['br', 'gzip'].find((name) => takes(accepted, name))
    if (!encoding || wanted.bytes.length < 1024) return { bytes: wanted.bytes }
    const ready = wanted.encoded.get(encoding)
    if (ready) return { bytes: ready, encoding }
    wanted.encoded.set(encoding, wanted.bytes)
    void compressors[encoding]!(wanted.bytes).then((bytes) => wanted.encoded.set(encoding, bytes))
    return { bytes: wanted.bytes }
  }

  return {
    serve(res, req) {
      const url = req.getUrl()
      const wanted = assets.get(url) ?? (extname(url) === '' ? index : undefined)
      const known = req.getHeader('if-none-match')
      const accepted = req.getHeader('accept-encoding')
      const head = req.getMethod() === 'head'
      if (!wanted) return refuse(res, 'not_found', `There is no file ${url.slice(0, 200)}`)
      const fresh = known === '*' || known.includes(wanted.etag)
      const { bytes, encoding } = fresh ? { bytes: wanted.bytes } : encode(wanted, accepted)
      const isCompressed = encoding !== undefined && bytes !== wanted.bytes
      res.cork(() => {
        res.writeStatus(fresh ? '304 Not Modified' : '200 OK')
        res.writeHeader('ETag', wanted.etag)
        res.writeHeader(
          'Cache-Control',
          wanted.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
        res.writeHeader('Vary', 'Accept-Encoding')
        for (const [name, value] of Object.entries(SECURITY_HEADERS)) res.writeHeader(name, value)
        res.writeHeader('X-Request-ID', randomUUID())
        if (fresh) return res.endWithoutBody()
        res.writeHeader('Content-Type', wanted.type)
        if (isCompressed) res.writeHeader('Content-Encoding', encoding)
        return head ? endHead(res, bytes.length) : res.end(bytes)
      })
    },
  }
}
