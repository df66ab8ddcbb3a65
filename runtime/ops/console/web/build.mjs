// Bundles the pages and writes ../assets.cpp, which is committed. With --check: compares instead of writing. With --out DIR: also the plain files.
// The same sources and the versions of package-lock.json make the same bytes.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const FIRST_LOAD_MAX = 50_000;  // bytes, gzipped: what the first page takes
const here = dirname(fileURLToPath(import.meta.url));
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' };
const hash = bytes => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** gzip with nothing in the header that depends on the machine: no time, no name, and the byte of the system set to "unknown". */
function gzip(bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  packed.fill(0, 4, 8);
  packed[9] = 0xff;
  return packed;
}

async function bundle(entry, format) {
  const made = await build({ entryPoints: [join(here, entry)], bundle: true, minify: true, format, splitting: format === 'esm',
    target: ['es2022', 'chrome120', 'firefox121', 'safari17.4'],
    outdir: join(here, 'out'), entryNames: '[name]', chunkNames: 'chunk-[hash]', write: false, legalComments: 'none', metafile: true,
      logLevel: 'warning' });
  // What the entry imports, directly or not, belongs to the first load; what it imports when it is needed does not.
  const outputs = new Map(Object.entries(made.metafile.outputs).map(([path, output]) => [basename(path), output]));
  const first = new Set();
  const add = name => {
    if (first.has(name)) return;
    first.add(name);
    for (const { path, kind } of outputs.get(name).imports) if (kind !== 'dynamic-import') add(basename(path));
  };
  for (const [name, output] of outputs) if (output.entryPoint && !name.startsWith('chunk-')) add(name);
  return made.outputFiles.map(file => ({ name: basename(file.path), bytes: Buffer.from(file.contents), isFirst: first.has(basename(file.path)) }));
}

/** [{path, type, bytes, isHashed, isFirst}] */
async function files() {
  const parts = [...await bundle('src/main.js', 'esm'), ...await bundle('src/theme.js', 'iife'), ...await bundle('src/css/index.css')];
  const names = new Map();
  const found = [];
  // A chunk has its hash from esbuild, and others name it; the entries get theirs from what they are.
  for (const { name, bytes, isFirst } of parts) {
    const ending = name.split('.').pop();
    const isChunk = name.startsWith('chunk-');
    const base = name === 'index.css' ? 'app.css' : name;
    const path = isChunk ? `/assets/${name}` : `/assets/${base.replace(/\.\w+$/, '')}-${hash(bytes)}.${ending}`;
    names.set(base, path);
    found.push({ path, type: types[ending], bytes, isHashed: true, isFirst });
  }
  const preloads = found.filter(one => one.isFirst && one.path.includes('/chunk-')).map(one =>
    `<link rel="modulepreload" href="${one.path}">\n`).join('');
  const page = readFileSync(join(here, 'index.html'), 'utf8').replace(/%([\w.]+)%/g,
    (_, name) => names.get(name) ?? (() => { throw new Error(`nothing is called ${name}`); })())
    .replace('</head>', `${preloads}</head>`);
  found.unshift({ path: '/', type: types.html, bytes: Buffer.from(page), isHashed: false, isFirst: true });
  found.push({ path: '/favicon.svg', type: types.svg, bytes: readFileSync(join(here, 'favicon.svg')), isHashed: false, isFirst: true });
  return found;
}

const quoted = text => JSON.stringify(text);

/** Bytes as string literals: text where it can be, else octal of three digits, so that no digit is taken for part of an escape. */
function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 64) {
    let line = '';
    for (const byte of bytes.subarray(at, at + 64)) {
      const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x3b && byte !== 0x3f && byte !== 0x5c;
      line += isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
    }
    lines.push(`    "${line}"`);
  }
  return lines.join('\n');
}

function generated(assets) {
  const parts = assets.map(({ packed }, i) => `constexpr char bytes_${i}[] =\n${literal(packed)};\n`);
  const rows = assets.map(({ path, type, packed, isHashed, etag }, i) =>
    `    {${quoted(path)}, ${quoted(type)}, ${quoted(`"${etag}"`)}, {bytes_${i}, ${packed.length}}, ${isHashed}},`);
  return `// Made by web/build.mjs from web/; do not edit. \`npm ci && node build.mjs\` in web/ makes it again.
#include "ops/console/assets.hpp"

namespace annals::ops {
namespace {

// clang-format off
${parts.join('\n')}
constexpr asset all_assets[] = {
${rows.join('\n')}
};
// clang-format on

}  // namespace

std::span<const asset> assets() { return all_assets; }

}  // namespace annals::ops
`;
}

const all = (await files()).map(one => ({ ...one, packed: gzip(one.bytes), etag: hash(one.bytes) }));
const sum = list => list.reduce((total, one) => total + one.packed.length, 0);
const first = sum(all.filter(one => one.isFirst));
for (const one of all) console.log(`${String(one.packed.length).padStart(7)} gzipped ${String(one.bytes.length).padStart(7)}  ${one.path}`);
console.log(`${String(first).padStart(7)} first load, at most ${FIRST_LOAD_MAX}`);
if (first > FIRST_LOAD_MAX) {
  console.error('the first load is too large');
  process.exit(1);
}
const target = join(here, '../assets.cpp');
const text = generated(all);
const out = process.argv.indexOf('--out');
if (out > 0) {
  for (const { path, bytes } of all) {
    const to = join(process.argv[out + 1], path === '/' ? 'index.html' : path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, bytes);
  }
}

/** What a generated file holds, however another zlib would pack it: its bytes unpacked, and the rest without their sizes. */
function contents(source) {
  const unpacked = [];
  const rest = source.replace(/(bytes_\d+\[\] =\n)([^;]*?);\n/g, (_, name, lines) => {
    const inside = [...lines.matchAll(/^ {4}"(.*)"$/gm)].map(([, line]) => line).join('');
    const bytes = [...inside.matchAll(/\\([0-7]{3})|(.)/g)].map(([, octal, plain]) => (octal ? parseInt(octal, 8) : plain.charCodeAt(0)));
    unpacked.push(gunzipSync(Buffer.from(bytes)).toString('base64'));
    return name;
  }).replace(/\{(bytes_\d+), \d+\}/g, '$1');
  return JSON.stringify([rest, unpacked]);
}

if (process.argv.includes('--check')) {
  let committed = '';
  try {
    committed = contents(readFileSync(target, 'utf8'));
  } catch (why) {
    console.error(`assets.cpp cannot be read: ${why.message}`);
  }
  if (committed !== contents(text)) {
    console.error('assets.cpp is not what these sources make: run `node build.mjs` and commit it');
    process.exit(1);
  }
  console.log('assets.cpp is what these sources make');
} else {
  writeFileSync(target, text);
}
