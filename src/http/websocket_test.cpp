#include "http/websocket.hpp"

#include <poll.h>

#include <gmock/gmock.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kUpgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

enum Opcode : unsigned char {
  kContinue = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};
enum class Mask { kYes, kNo };

std::string frame(Opcode opcode, std::string_view data, bool last = true, Mask mask = Mask::kYes) {
  std::string out;
  out += static_cast<char>((last ? 0x80 : 0) | opcode);
  const char masked = mask == Mask::kYes ? '\x80' : '\0';
  if (data.size() < 126) {
    out += static_cast<char>(masked | static_cast<char>(data.size()));
  } else if (data.size() < 65536) {
    out += static_cast<char>(masked | 126);
    for (int shift = 8; shift >= 0; shift -= 8) out += static_cast<char>(data.size() >> shift);
  } else {
    out += static_cast<char>(masked | 127);
    for (int shift = 56; shift >= 0; shift -= 8) {
      out += static_cast<char>(static_cast<std::uint64_t>(data.size()) >> shift);
    }
  }
  if (mask == Mask::kYes) out.append(4, '\0');  // a mask that leaves the data as they are
  return out.append(data);
}

struct Frame {
  int opcode = -1;  // -1: the connection has ended
  std::string data;

  int close_code() const {
    if (opcode != kClose || data.size() < 2) return -1;
    return static_cast<unsigned char>(data[0]) * 256 + static_cast<unsigned char>(data[1]);
  }
  std::string reason() const { return data.size() > 2 ? data.substr(2) : ""; }
};

class WebSocketClient : public Client {
 public:
  explicit WebSocketClient(std::uint16_t port, const std::string& path,
                           std::string_view fields = "")
      : Client(port) {
    send("GET " + path + " HTTP/1.1\r\nHost: here:1\r\n" + std::string(kUpgrade) +
         std::string(fields) + "\r\n");
    head = read_until("\r\n\r\n");
  }

  Frame read_frame() {
    const std::string begin = read_bytes(2);
    if (begin.size() < 2) return {};
    std::size_t size = static_cast<unsigned char>(begin[1]);
    if (size >= 126) {
      const std::string more = read_bytes(size == 126 ? 2 : 8);
      size = 0;
      for (const char c : more) size = size << 8 | static_cast<unsigned char>(c);
    }
    return {begin[0] & 0x0f, read_bytes(size)};
  }
  // The next one that is no ping.
  Frame read_answer() {
    Frame frame = read_frame();
    while (frame.opcode == kPing) frame = read_frame();
    return frame;
  }

  std::string head;
};

class WebSockets : public ServerTest {
 protected:
  int floods_over_ = 0;  // on the server's event loop

  void start_sockets(ServerOptions options = {}) {
    start(std::move(options), [this](Router& router) {
      router.websocket(
          "/echo/{name}",
          [](Request request, WebSocket& socket) -> awaitable<Status> {
            (void)co_await socket.send_text("hello " + std::string(request.param("name")));
            for (;;) {
              auto message = co_await socket.receive();
              if (!message) co_return Status{};
              Status sent;
              if (message->binary) {
                sent = co_await socket.send_binary(message->data);
              } else {
                sent = co_await socket.send_text(message->data);
              }
              if (!sent) co_return Status{};
            }
          },
          {.max_body = 100'000});
      router.websocket("/fail", [](Request, WebSocket&) -> awaitable<Status> {
        co_return fail(ErrorCode::kInvalidArgument, std::string(200, 'x') + "and more");
      });
      router.websocket("/throw", [](Request, WebSocket&) -> awaitable<Status> {
        throw std::runtime_error("secret text");
        co_return Status{};
      });
      router.websocket("/deaf",
                       [this](Request request, WebSocket&) -> awaitable<Status> {
                         (void)co_await wait(std::move(request));
                         co_return Status{};
                       },
                       {.max_body = 1000});
      router.websocket("/late",
                       [this](Request request, WebSocket&) -> awaitable<Status> {
                         (void)co_await wait(std::move(request));
                         co_return Status{};
                       },
                       {.timeout = Millis(1)});
      router.websocket("/flood",
                       [this](Request, WebSocket& socket) -> awaitable<Status> {
                         const std::string piece(1 << 20, 'x');
                         try {
                           while (co_await socket.send_binary(piece)) {
                           }
                         } catch (const boost::system::system_error&) {
                         }
                         if (++floods_over_ == 1) cancelled_.set_value();
                         co_return Status{};
                       },
                       {.max_body = 16 << 20});
    });
  }
};

TEST_F(WebSockets, Text_and_bytes_go_both_ways_and_a_close_is_answered) {
  start_sockets();
  WebSocketClient client(server_->port(), "/echo/me", "X-Request-Id: mine\r\n");
  EXPECT_THAT(client.head, StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(client.head, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_THAT(client.head, HasSubstr("X-Request-Id: mine"));
  EXPECT_EQ(client.read_frame().data, "hello me");
  for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 100'000}) {
    const std::string data(size, 'd');
    client.send(frame(kBinary, data));
    const Frame answer = client.read_frame();
    EXPECT_EQ(answer.opcode, kBinary);
    EXPECT_EQ(answer.data, data);
  }
  client.send(frame(kText, "gr\xc3\xbc\xc3\x9f"));
  EXPECT_EQ(client.read_frame().opcode, kText);
  client.send(frame(kPing, "are you there"));
  const Frame pong = client.read_frame();
  EXPECT_EQ(pong.opcode, kPong);
  EXPECT_EQ(pong.data, "are you there");
  client.send(frame(kClose, "\x03\xe8"));
  EXPECT_EQ(client.read_frame().close_code(), 1000);
  EXPECT_EQ(client.read_frame().opcode, -1);
}

TEST_F(WebSockets, A_message_in_fragments_is_one_message_whatever_comes_between_them) {
  start_sockets();
  WebSocketClient client(server_->port(), "/echo/me");
  EXPECT_EQ(client.read_frame().data, "hello me");
  client.send(frame(kText, "one ", false) + frame(kPing, "") + frame(kContinue, "", false));
  EXPECT_EQ(client.read_frame().opcode, kPong);
  const std::string last = frame(kContinue, "two");
  for (const char c : last) client.send(std::string(1, c));
  EXPECT_EQ(client.read_frame().data, "one two");
}

TEST_F(WebSockets, What_breaks_the_protocol_is_closed_with_its_code) {
  start_sockets();
  const std::pair<std::string, int> cases[] = {
      {frame(kText, "plain", true, Mask::kNo), 1002},
      {frame(kContinue, "of nothing"), 1002},
      {frame(static_cast<Opcode>(3), "unknown"), 1002},
      {frame(kText, "a", false) + frame(kText, "b"), 1002},
      {frame(kPing, std::string(126, 'p')), 1002},
      {frame(kPing, "in two", false), 1002},
      {std::string("\xc1\x80\0\0\0\0", 6), 1002},  // a reserved bit
      {frame(kText, "\xff\xfe"), 1007},
      {frame(kBinary, std::string(100'001, 'x')), 1009},
      {frame(kBinary, std::string(60'000, 'x'), false) + frame(kContinue, std::string(60'000, 'x')),
       1009},
      {std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14), 1009},
  };
  for (const auto& [bytes, code] : cases) {
    WebSocketClient client(server_->port(), "/echo/me");
    EXPECT_EQ(client.read_frame().data, "hello me");
    client.send(bytes);
    EXPECT_EQ(client.read_frame().close_code(), code) << code;
    client.close();
  }
}

TEST_F(WebSockets, The_end_of_the_handler_is_told_with_a_code_and_a_reason) {
  start_sockets();
  WebSocketClient failing(server_->port(), "/fail");
  const Frame why = failing.read_frame();
  EXPECT_EQ(why.close_code(), 1008);
  EXPECT_EQ(why.reason(), std::string(123, 'x'));
  WebSocketClient throwing(server_->port(), "/throw");
  const Frame broken = throwing.read_frame();
  EXPECT_EQ(broken.close_code(), 1011);
  EXPECT_EQ(broken.reason(), "internal error");
  WebSocketClient late(server_->port(), "/late");
  const Frame over = late.read_frame();
  EXPECT_EQ(over.close_code(), 1008);
  EXPECT_THAT(over.reason(), HasSubstr("longer than this service allows"));
  EXPECT_EQ(close_code(ErrorCode::kOverloaded), 1013);
  EXPECT_EQ(close_code(ErrorCode::kTooLarge), 1009);
}

TEST_F(WebSockets, A_client_that_leaves_ends_its_handler) {
  start_sockets();
  {
    WebSocketClient client(server_->port(), "/deaf");
    waiting_.get_future().wait();
    client.send(frame(kText, "nobody receives this"));
  }
  cancelled_.get_future().wait();
  EXPECT_TRUE(stopped_);
}

TEST_F(WebSockets, Messages_that_nobody_receives_are_not_collected_however_small_they_are) {
  start_sockets();
  WebSocketClient client(server_->port(), "/deaf");
  waiting_.get_future().wait();
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += frame(kText, "");
  // Until the kernel's own buffers are full; it would go on for ever if they were read.
  constexpr int kMostBytes = 64 << 20;
  int sent = 0;
  pollfd writable{client.fd(), POLLOUT, 0};
  while (sent < kMostBytes && ::poll(&writable, 1, 300) == 1) {
    const auto more = ::send(client.fd(), many.data(), many.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ASSERT_GT(more, 0);
    sent += static_cast<int>(more);
  }
  EXPECT_LT(sent, kMostBytes);
}

TEST_F(WebSockets, Who_reads_nothing_slows_the_writer_and_is_let_go_in_the_end) {
  start_sockets({.stall_timeout = Millis(50), .min_transfer_rate = 1 << 30});
  const WebSocketClient client(server_->port(), "/flood");
  cancelled_.get_future().wait();
}

TEST_F(WebSockets, What_is_closed_for_want_of_memory_while_its_handler_sends_is_closed_once) {
  start_sockets({.max_buffered_bytes = 1});  // so that one address has the 16 MiB of /flood
  const std::string large = frame(kBinary, std::string(12 << 20, 'x'));
  WebSocketClient first(server_->port(), "/flood");
  first.send(large);
  WebSocketClient second(server_->port(), "/flood");
  std::thread sender([&] { second.send(large); });  // the server has to be read meanwhile
  Frame answer = second.read_answer();
  while (answer.opcode == kBinary || answer.opcode == kContinue) answer = second.read_answer();
  sender.join();
  EXPECT_EQ(answer.close_code(), 1013);
  second.send(frame(kClose, "\x03\xf5"));
  EXPECT_EQ(second.read_frame().opcode, -1);
}

TEST_F(WebSockets, Half_a_message_does_not_stay_for_ever) {
  start_sockets({.stall_timeout = Millis(50), .min_transfer_rate = 1 << 30});
  WebSocketClient client(server_->port(), "/echo/me");
  EXPECT_EQ(client.read_frame().data, "hello me");
  client.send(frame(kText, "never finished", false));
  EXPECT_EQ(client.read_answer().opcode, -1);
}

TEST_F(WebSockets, Who_does_not_answer_pings_is_let_go) {
  start_sockets({.idle_timeout = Millis(100)});
  WebSocketClient client(server_->port(), "/echo/me");
  EXPECT_EQ(client.read_frame().data, "hello me");
  EXPECT_EQ(client.read_frame().opcode, kPing);
  EXPECT_EQ(client.read_answer().opcode, -1);
}

TEST_F(WebSockets, A_server_that_stops_says_so_and_waits_for_nobody_idle) {
  start_sockets();
  WebSocketClient client(server_->port(), "/echo/me");
  EXPECT_EQ(client.read_frame().data, "hello me");
  std::thread stopping([this] { stop(std::chrono::minutes(5)); });
  EXPECT_EQ(client.read_frame().close_code(), 1001);
  client.send(frame(kClose, "\x03\xe9"));
  EXPECT_EQ(client.read_frame().opcode, -1);
  client.close();
  stopping.join();
}

TEST_F(WebSockets, What_is_no_upgrade_or_comes_from_a_strange_page_is_refused) {
  start_sockets({.cors = *CorsPolicy::make({"https://portal"})});
  const auto ask = [&](const std::string& path, std::string_view fields) {
    return exchange("GET " + path + " HTTP/1.1\r\nHost: here:1\r\nConnection: close\r\n" +
                    std::string(fields) + "\r\n");
  };
  const std::string plain = ask("/echo/me", "");
  EXPECT_THAT(plain, StartsWith("HTTP/1.1 426 Upgrade Required"));
  EXPECT_THAT(plain, HasSubstr("Upgrade: websocket\r\n"));
  EXPECT_THAT(WebSocketClient(server_->port(), "/hello").head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(WebSocketClient(server_->port(), "/echo/me", "Origin: https://evil\r\n").head,
              StartsWith("HTTP/1.1 403"));
  for (const char* origin : {"https://portal", "http://here:1", "https://here:1"}) {
    EXPECT_THAT(
        WebSocketClient(server_->port(), "/echo/me", std::string("Origin: ") + origin + "\r\n")
            .head,
        StartsWith("HTTP/1.1 101"))
        << origin;
  }
}

}  // namespace
}  // namespace npu::http
