// What a service has for browsers: a WebSocket and the files of a folder.
//
//   GET  /v1/echo    WebSocket: what is sent comes back; "fail" ends it with an error
//   GET  /ui/...     files.folder

#include "http/static_files.hpp"
#include "services/kit/app.hpp"

namespace {

namespace kit = npu::kit;
using npu::fail;
using npu::Status;
using npu::http::Request;
using npu::http::WebSocket;

npu::http::awaitable<Status> echo(Request, WebSocket& socket) {
  for (;;) {
    const auto message = co_await socket.receive();
    if (!message) co_return Status{};
    if (message->data == "fail") {
      co_return fail(npu::ErrorCode::kInvalidArgument, "you said fail");
    }
    Status sent;
    if (message->binary) {
      sent = co_await socket.send_binary(message->data);
    } else {
      sent = co_await socket.send_text(message->data);
    }
    if (!sent) co_return Status{};
  }
}

}  // namespace

int main(int argc, char** argv) {
  kit::App app("web-sample", "A WebSocket and files.", {.port = 11499});
  std::string folder;
  app.settings().add("files.folder", folder, {.flag = "--files", .help = "Served below /ui"});
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  app.router().websocket("/v1/echo", echo, {.max_body = 4 << 20});
  const auto files = npu::http::StaticFiles::open(folder);
  if (!files) return 1;
  files->add_routes(app.router(), "/ui");
  return app.run();
}
