// node's http2 (or, with h1, its https or http) as a server for the stories; see servers.h.
//
// node.js OPTIONS-FILE. Control lines on stdin, each answered by one line on stdout: stats, release (answers all /hold),
// goaway (tells every connection that there will be no more requests on it), close (closes every connection).
'use strict';
const fs = require('fs');
const path = require('path');
const http2 = require('http2');
const { Readable } = require('stream');

const options = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const sessions = new Map(); // session or socket -> { id, open }
const held = [];
const access = [];
let most = 0;
let refused = 0;
let pushed = 'not tried';

const tls = options.tls && {
  cert: fs.readFileSync(path.join(options.certs, 'good.pem')),
  key: fs.readFileSync(path.join(options.certs, 'good.key')),
};

let ids = 0;
function book(session) {
  let entry = sessions.get(session);
  if (!entry) sessions.set(session, (entry = { id: ++ids, open: 0, asked: 0 }));
  return entry;
}

function fnv(sum, bytes) {
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i], 0x01000193);
  return sum;
}

const files = new Map();
function file(target) {
  if (!files.has(target)) {
    try {
      files.set(target, fs.readFileSync(path.join(options.dir, path.basename(target))));
    } catch {
      files.set(target, null);
    }
  }
  return files.get(target);
}

function answer(stream, status, bytes, head) {
  const fields = { ':status': status, 'content-length': bytes.length };
  if (head) return stream.respond(fields, { endStream: true });
  stream.respond(fields);
  // In pieces, as a program does that reads a file: all that waits counts against the session's memory, 10 MB.
  Readable.from(pieces(bytes), { objectMode: false }).pipe(stream);
}

function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += 16384) yield bytes.subarray(at, at + 16384);
}

// What busboy finds in a form: a line a part, `name|filename|type|length|sum`; how long the body was, or its coding, at the end.
function form(stream, headers, done) {
  const said = headers['content-length'] || headers['transfer-encoding'] || 'nothing';
  const lines = [];
  let reader;
  try {
    reader = require('busboy')({ headers, preservePath: true });
  } catch (error) {
    return done(Buffer.from(`no busboy: ${error.message}`));
  }
  const add = (name, filename, type, bytes) => {
    const sum = fnv(0x811c9dc5, bytes) >>> 0;
    lines.push(`${name}|${filename}|${type}|${bytes.length}|${sum}\n`);
  };
  reader.on('field', (name, value, info) => add(name, '', info.mimeType, Buffer.from(value)));
  reader.on('file', (name, file, info) => {
    const bytes = [];
    const nth = lines.push('') - 1; // parts end in another order than they begin
    file.on('data', (some) => bytes.push(some));
    file.on('end', () => {
      add(name, info.filename, info.mimeType, Buffer.concat(bytes));
      lines[nth] = lines.pop();
    });
  });
  reader.on('error', (error) => done(Buffer.from(`error: ${error.message}`)));
  reader.on('close', () => done(Buffer.from(`${lines.join('')}${said}\n`)));
  stream.pipe(reader);
}

// Server-sent events, a piece whenever `more` says so: events in one piece, over several, in the middle of a line, and comments alone.
const pieces_of_events = [
  'event: hello\nid: 1\ndata: one\n\n', ':\n\n', 'data: two', ' halves\nda', 'ta: and a line\n', '\n', ': still here\n\n',
  'id: 3\r\ndata: CR and LF\r\n\r\ndata: at once\n\n', ': bye\n\nevent: end\ndata\n\n',
];
const listeners = [];

const special = {
  '/sse': (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    listeners.push(stream);
  },
  '/form': (stream, headers) => form(stream, headers, (bytes) => answer(stream, 200, bytes)),
  '/echo': (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  },
  '/sum': (stream) => {
    let sum = 0x811c9dc5, total = 0;
    stream.on('data', (bytes) => { sum = fnv(sum, bytes); total += bytes.length; });
    stream.on('end', () => answer(stream, 200, Buffer.from(`${total} ${sum >>> 0}`)));
  },
  '/204': (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
  '/hold': (stream) => held.push(stream),
  '/trailers': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1234', 'x-after': 'the body' }));
    stream.end('a body with fields behind it');
  },
  '/trailers-only': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '0' }));
    stream.end();
  },
  '/hints': (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
    stream.additionalHeaders({ ':status': 103, link: '</b.css>; rel=preload' });
    answer(stream, 200, Buffer.from('after the hints'));
  },
  '/push': (stream) => {
    try {
      stream.pushStream({ ':path': '/pushed' }, (error, push) => {
        pushed = error ? error.code : 'pushed';
        if (push) answer(push, 200, Buffer.from('nobody asked'));
        answer(stream, 200, Buffer.from(pushed));
      });
    } catch (error) {
      pushed = error.code;
      answer(stream, 200, Buffer.from(pushed));
    }
  },
  '/reset': (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
  '/refuse': (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
};

// /fields/N/LENGTH: a response with N fields of LENGTH bytes.
function fields(stream, n, length) {
  const all = { ':status': 200 };
  for (let i = 0; i < n; i++) all[`x-field-${i}`] = `${i}-`.padEnd(length, 'v');
  stream.respond(all);
  stream.end('fields');
}

function onStream(stream, headers) {
  const entry = book(stream.session);
  const target = headers[':path'];
  access.push(`${entry.id} ${target}`);
  entry.asked++;
  most = Math.max(most, ++entry.open);
  stream.on('close', () => entry.open--);
  stream.on('error', () => {});
  if (entry.asked === options.requests) stream.session.goaway(0);
  const many = /^\/fields\/(\d+)\/(\d+)$/.exec(target);
  if (special[target]) return special[target](stream, headers);
  if (many) return fields(stream, Number(many[1]), Number(many[2]));
  const bytes = file(target);
  answer(stream, bytes ? 200 : 404, bytes || Buffer.from('none'), headers[':method'] === 'HEAD');
}

// The same over http/1.1, as far as stories ask for it.
function onRequest(req, res) {
  access.push(`${book(req.socket).id} ${req.url}`);
  if (req.url === '/echo') return req.pipe(res);
  if (req.url === '/sse') {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
    listeners.push(res);
    return;
  }
  if (req.url === '/form') return form(req, req.headers, (bytes) => res.end(bytes));
  const bytes = req.url === '/204' ? Buffer.alloc(0) : file(req.url);
  res.writeHead(req.url === '/204' ? 204 : bytes ? 200 : 404, bytes && { 'content-length': bytes.length });
  res.end(req.method === 'HEAD' ? undefined : bytes || 'none');
}

function make() {
  if (options.h1) {
    const server = tls ? require('https').createServer(tls, onRequest) : require('http').createServer(onRequest);
    server.keepAliveTimeout = 60000;
    return server;
  }
  const all = { ...tls, ...options.http2 };
  if (options.streams) all.settings = { ...all.settings, maxConcurrentStreams: options.streams };
  const server = tls ? http2.createSecureServer(all) : http2.createServer(all);
  server.on('stream', onStream);
  server.on('sessionError', (error) => console.error('session:', error.message));
  return server;
}

const control = {
  stats: () => `sessions=${ids} requests=${access.length} most=${most} held=${held.length} pushed=${pushed}`,
  release: () => {
    for (const stream of held.splice(0)) answer(stream, 200, Buffer.from('released'));
    return 'ok';
  },
  more: () => {
    const piece = pieces_of_events.shift();
    for (const stream of listeners) stream.write(piece);
    if (!pieces_of_events.length) for (const stream of listeners) stream.end();
    return `${piece.length} ${pieces_of_events.length}`;
  },
  goaway: () => {
    for (const session of sessions.keys()) if (!session.destroyed) session.goaway(0);
    return 'ok';
  },
  close: () => {
    for (const session of sessions.keys()) session.destroy();
    return 'ok';
  },
};

process.on('SIGTERM', () => {
  fs.writeFileSync(path.join(options.dir, 'access'), access.map((line) => line + '\n').join(''));
  if (!options.h1) fs.writeFileSync(path.join(options.dir, 'most'), `${most}\n`);
  process.exit(0);
});
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  console.log(control[line] ? control[line]() : 'what?');
});
make().listen(options.port, options.address);
