// The same with coroutines, and with a timer of its own on the same Asio.
#include <chrono>
#include <iostream>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <npu/client.hpp>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> ping(std::string socket_path, int& exit_code) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, std::chrono::milliseconds(1));
  co_await timer.async_wait(asio::use_awaitable);

  npu::ClientOptions options;
  options.socket_path = socket_path;
  options.name = "consumer";
  npu::DeviceClient client(executor, options);
  const auto reply = co_await client.ping();
  if (reply) {
    std::cout << reply->json.at("status").as_string() << "\n";
    exit_code = 0;
  } else {
    std::cerr << reply.error().message << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int exit_code = 1;
  asio::io_context context;
  asio::co_spawn(context, ping(argv[1], exit_code), asio::detached);
  context.run();
  return exit_code;
}
