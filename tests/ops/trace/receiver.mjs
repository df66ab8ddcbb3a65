// A collector for tests that shares no code with the exporter: what it takes is decoded by what OpenTelemetry generated from the protocol's
// definition. It refuses with 400 what the protocol does not know and what no span may be. Prints its port, and then a line of JSON for each
// request: the spans, or why they were refused.
import http from 'node:http';
import {createRequire} from 'node:module';

const require = createRequire(import.meta.url);
const {opentelemetry} = require('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const request = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
const types = opentelemetry.proto.trace.v1;
const {Resource} = opentelemetry.proto.resource.v1;
const {InstrumentationScope, KeyValue, AnyValue} = opentelemetry.proto.common.v1;

function check(holds, why) {
  if (!holds) throw new Error(why);
}

function onlyKnown(of, type, path) {
  for (const key of Object.keys(of)) check(key in type.prototype, `unknown field ${path}.${key}`);
}

function checkAttributes(list, path) {
  const keys = new Set();
  for (const one of list ?? []) {
    onlyKnown(one, KeyValue, path);
    onlyKnown(one.value, AnyValue, `${path}.value`);
    check(one.key && !keys.has(one.key), `${path}: "${one.key}" twice, or without a name`);
    check(Object.keys(one.value).length === 1, `${path}: "${one.key}" has not one value`);
    if ('intValue' in one.value) check(/^-?\d+$/.test(one.value.intValue), `${path}: "${one.key}" is no number in a text`);
    keys.add(one.key);
  }
}

function checkId(id, digits, what) {
  check(new RegExp(`^[0-9a-f]{${digits}}$`).test(id) && !/^0+$/.test(id), `${what} is no id: ${id}`);
}

function checkSpan(span, seen) {
  onlyKnown(span, types.Span, 'span');
  checkId(span.traceId, 32, 'traceId');
  checkId(span.spanId, 16, 'spanId');
  if ('parentSpanId' in span) checkId(span.parentSpanId, 16, 'parentSpanId');
  check(!seen.has(span.spanId), `the span ${span.spanId} comes twice`);
  seen.add(span.spanId);
  check(span.name, 'a span without a name');
  check([1, 2, 3, 4, 5].includes(span.kind), `no kind: ${span.kind}`);
  for (const time of [span.startTimeUnixNano, span.endTimeUnixNano]) check(/^[1-9]\d*$/.test(time), `no time: ${time}`);
  check(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), 'it ends before it begins');
  checkAttributes(span.attributes, 'span.attributes');
  for (const link of span.links ?? []) {
    onlyKnown(link, types.Span.Link, 'span.links');
    checkId(link.traceId, 32, 'the traceId of a link');
    checkId(link.spanId, 16, 'the spanId of a link');
  }
  if (span.status) onlyKnown(span.status, types.Status, 'span.status');
}

/// JSON has ids in hex, where the decoder wants the base64 of other bytes fields.
function withBytes(span) {
  const bytes = (id) => Buffer.from(id, 'hex').toString('base64');
  const links = (span.links ?? []).map((link) => ({...link, traceId: bytes(link.traceId), spanId: bytes(link.spanId)}));
  const made = {...span, traceId: bytes(span.traceId), spanId: bytes(span.spanId), links};
  if (span.parentSpanId) made.parentSpanId = bytes(span.parentSpanId);
  return made;
}

const seen = new Set();

function take(text) {
  const all = JSON.parse(text);
  onlyKnown(all, request, 'request');
  for (const ofResource of all.resourceSpans) {
    onlyKnown(ofResource, types.ResourceSpans, 'resourceSpans');
    onlyKnown(ofResource.resource, Resource, 'resource');
    checkAttributes(ofResource.resource.attributes, 'resource.attributes');
    check(ofResource.resource.attributes.some((one) => one.key === 'service.name'), 'no service.name');
    for (const ofScope of ofResource.scopeSpans) {
      onlyKnown(ofScope, types.ScopeSpans, 'scopeSpans');
      onlyKnown(ofScope.scope, InstrumentationScope, 'scope');
      for (const span of ofScope.spans) checkSpan(span, seen);
      ofScope.spans = ofScope.spans.map(withBytes);
    }
  }
  const wrong = request.verify(request.fromObject(all));
  check(!wrong, wrong);
  const bytes = request.encode(request.fromObject(all)).finish();
  return request.toObject(request.decode(bytes), {longs: String, enums: Number, bytes: (of) => Buffer.from(of).toString('hex')});
}

const valueOf = (value) => value.stringValue ?? Number(value.intValue);
const asMap = (list) => Object.fromEntries((list ?? []).map((one) => [one.key, valueOf(one.value)]));
const hex = (of) => (typeof of === 'string' ? Buffer.from(of, 'base64').toString('hex') : Buffer.from(of ?? []).toString('hex'));

function plain(all) {
  return all.resourceSpans.flatMap((ofResource) => ofResource.scopeSpans.flatMap((ofScope) => ofScope.spans.map((span) => ({
    service: asMap(ofResource.resource.attributes)['service.name'],
    trace: hex(span.traceId),
    id: hex(span.spanId),
    parent: hex(span.parentSpanId),
    name: span.name,
    kind: span.kind,
    links: (span.links ?? []).map((link) => ({trace: hex(link.traceId), id: hex(link.spanId)})),
    attributes: asMap(span.attributes),
    failed: span.status?.code === 2,
  }))));
}

const server = http.createServer((asked, answer) => {
  const parts = [];
  asked.on('data', (part) => parts.push(part));
  asked.on('end', () => {
    try {
      check(asked.method === 'POST' && asked.url === '/v1/traces', `${asked.method} ${asked.url}`);
      check(asked.headers['content-type'] === 'application/json', `content type ${asked.headers['content-type']}`);
      console.log(JSON.stringify({spans: plain(take(Buffer.concat(parts).toString('utf8')))}));
      answer.writeHead(200, {'content-type': 'application/json'}).end('{}');
    } catch (why) {
      console.log(JSON.stringify({refused: why.message}));
      answer.writeHead(400, {'content-type': 'text/plain'}).end(why.message);
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({port: server.address().port})));
process.on('SIGTERM', () => process.exit(0));
