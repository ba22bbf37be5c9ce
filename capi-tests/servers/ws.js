// node's ws as a server for the stories; see servers_ws.h. ws.js ADDRESS PORT CERTIFICATES|- plain|deflate
'use strict';
const fs = require('fs');
const path = require('path');

let WebSocketServer;
try {
  ({ WebSocketServer } = require('ws'));
} catch {
  process.exit(127); // not installed
}

const [address, port, certs, deflate] = process.argv.slice(2);
const ours = ['chat.v2', 'chat.v1'];
const closed = []; // what nobody asked for yet
const asking = []; // and who waits for the next

const server = certs === '-' ? require('http').createServer() : require('https').createServer({
  cert: fs.readFileSync(path.join(certs, 'good.pem')),
  key: fs.readFileSync(path.join(certs, 'good.key')),
});

function tell() {
  while (closed.length && asking.length) asking.shift().send(`!closed ${closed.shift()}`);
}

// A message that the story can compute too.
function text(size) {
  return Buffer.from(Array.from({ length: size }, (_, i) => 97 + (i * 7 + size) % 26));
}

const commands = {
  '!ping': (link, word) => {
    link.once('pong', (data) => link.send(`!pong ${data}`));
    link.ping(word);
  },
  '!close': (link, code, ...reason) => link.close(Number(code), reason.join(' ')),
  '!closed': (link) => { asking.push(link); tell(); },
  '!fragments': (link, count, size) => {
    const all = text(Number(size)), step = Math.ceil(all.length / count);
    for (let i = 0; i < count; i++) link.send(all.subarray(i * step, (i + 1) * step), { binary: false, fin: i + 1 === Number(count) });
  },
  '!drop': (link) => link._socket.destroy(),
  '!subprotocol': (link) => link.send(`!subprotocol ${link.protocol || 'none'}`),
  '!extensions': (link) => link.send(`!extensions ${Object.keys(link._extensions).join(', ') || 'none'}`),
};

const wss = new WebSocketServer({
  server,
  maxPayload: 1 << 26,
  perMessageDeflate: deflate === 'deflate' && { threshold: 0 },
  handleProtocols: (offered) => ours.find((name) => offered.has(name)) || false,
});
wss.on('connection', (link) => {
  link.on('message', (data, binary) => {
    const [word, ...rest] = binary || data[0] !== 33 ? [] : data.toString().split(' ');
    if (commands[word]) commands[word](link, ...rest);
    else link.send(data, { binary });
  });
  link.on('close', (code, reason) => { closed.push(`${code} ${reason}`.trim()); tell(); });
  link.on('error', (error) => console.error(error.message));
});
process.on('SIGTERM', () => process.exit(0));
server.listen(Number(port), address);
