// Node's socket.io as its documentation starts it: PORT FOLDER (where it is installed) [STATE (gzip, given to every GET)].
const { createRequire } = require("module");
const { Server } = createRequire(process.argv[3] + "/")("socket.io");
const state = process.argv[4] ? require("fs").readFileSync(process.argv[4]) : null;
const http = require("http").createServer((_request, answer) => {
  if (state) answer.writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" });
  answer.end(state ?? "ok");
});
const io = new Server(http, { pingInterval: 10000, pingTimeout: 10000 });
const bench = io.of("/bench");
bench.on("connection", (socket) => {
  socket.on("join", (_data, ack) => {
    socket.join("all");
    ack({ ok: true });
  });
  socket.on("burst", async ({ n, size, gap }, ack) => {
    ack({ ok: true });
    for (let number = 0; number < n; number += 1) {
      bench.to("all").emit("ev", { seq: number, d: "x".repeat(size) });
      await new Promise((go) => setTimeout(go, gap * 1000));
    }
  });
});
http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
process.on("SIGTERM", () => process.exit(0));
