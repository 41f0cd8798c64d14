// Preloaded into a function's process: of an answer with status 597 the process dies, and with 598 nobody hears.
const { ClientRequest } = require('node:http');
const { emit } = ClientRequest.prototype;
ClientRequest.prototype.emit = function (event, ...args) {
  const status = event === 'response' ? args[0].statusCode : 0;
  if (status === 597) process.kill(process.pid, 'SIGKILL');
  if (status !== 598) return emit.call(this, event, ...args);
  this.destroy(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  return true;
};
