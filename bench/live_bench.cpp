// Does a camera keep its rate? It films 30 frames a second through a service's WebSocket, alone,
// and then while 20 other clients want the simulated Hailo-10H without pause and a language model
// answers on it. Every frame that is dropped for a newer one is counted.
#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "bench_client.hpp"
#include "media/jpeg_encode.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "service_process.hpp"

namespace npu::bench {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::awaitable;
using asio::use_awaitable;

constexpr int kFramesPerSecond = 30;
constexpr int kOthers = 20;
constexpr int kTokens = 16;

struct Service {
  const char* program;
  const char* model;
  const char* path;
};

constexpr Service kServices[]{{"hailo-detect", "yolov8s", "/v1/detect/live"},
                              {"hailo-pose", "yolov8s_pose", "/v1/pose/live"}};

// Waves, so that there is something to decode: 640 x 480.
std::string frame() {
  media::Image image(640, 480, 3);
  const auto pixels = image.pixels();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>((i / 3 % 251) ^ (i / 30011));
  }
  auto jpeg = media::encode_jpeg(image);
  if (!jpeg) give_up(jpeg.error().message);
  return std::move(*jpeg);
}

struct Film {
  Samples latency;  // from the time that a frame was due to its answer
  std::size_t answered = 0;
};

// A connection that sends frames when they are due and reads the answers as they come.
class Camera {
 public:
  Camera(std::uint16_t port, const char* path) {
    socket_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    socket_.next_layer().set_option(asio::ip::tcp::no_delay(true));
    socket_.handshake(fmt::format("127.0.0.1:{}", port), path);
    socket_.binary(true);
  }

  Film film(const std::string& jpeg, std::size_t frames) {
    using namespace asio::experimental::awaitable_operators;
    const auto begin = Clock::now();
    auto done =
        asio::co_spawn(io_, send(jpeg, frames, begin) && receive(frames, begin), asio::use_future);
    io_.restart();
    io_.run();
    done.get();
    return std::move(film_);
  }

 private:
  static Clock::duration due(std::int64_t number) {
    return (number - 1) * std::chrono::nanoseconds(std::chrono::seconds(1)) / kFramesPerSecond;
  }

  awaitable<void> send(const std::string& jpeg, std::size_t frames, Clock::time_point begin) {
    asio::steady_timer timer(io_);
    for (std::size_t number = 1; number <= frames; ++number) {
      timer.expires_at(begin + due(static_cast<std::int64_t>(number)));
      co_await timer.async_wait(use_awaitable);
      co_await socket_.async_write(asio::buffer(jpeg), use_awaitable);
    }
  }

  // The last frame is always answered: nothing is newer.
  awaitable<void> receive(std::size_t frames, Clock::time_point begin) {
    for (std::size_t number = 0; number < frames;) {
      boost::beast::flat_buffer buffer;
      co_await socket_.async_read(buffer, use_awaitable);
      const auto now = Clock::now();
      const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
      const auto answer = boost::json::parse(text).as_object();
      if (answer.contains("error")) give_up(std::string(text));
      number = answer.at("frame").to_number<std::size_t>();
      film_.latency.add(now - begin - due(static_cast<std::int64_t>(number)));
      ++film_.answered;
    }
  }

  asio::io_context io_;
  websocket::stream<asio::ip::tcp::socket> socket_{io_};
  Film film_;
};

// Clients that ask for the next answer as soon as they have one, until the end of their life.
class Crowd {
 public:
  Crowd(const ManagerProcess& manager, std::vector<ModelRef> models) : models_(std::move(models)) {
    for (int i = 0; i < kOthers; ++i) {
      threads_.emplace_back([this, &manager, i] { work(manager, i); });
    }
    threads_.emplace_back([this, &manager] { chat(manager); });
  }
  ~Crowd() { stop(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  // When all have stopped.
  std::size_t least() const { return *std::min_element(answers_.begin(), answers_.end()); }
  std::size_t sum() const { return std::accumulate(answers_.begin(), answers_.end(), 0UL); }
  const Samples& chats() const { return chats_; }

 private:
  void work(const ManagerProcess& manager, int i) {
    const ModelRef& model = models_.at(static_cast<std::size_t>(i) % models_.size());
    auto client = client_of(manager, fmt::format("other-{}", i));
    const auto loaded = client.load_model(model);
    if (!loaded) give_up(loaded.error().message);
    auto input = client.allocate(DType::kUint8, loaded->input_shape);
    while (!stop_) {
      const auto done = client.infer(model, InferInput().tensor("input", *input));
      if (!done) give_up(done.error().message);
      ++answers_[static_cast<std::size_t>(i)];
    }
  }

  void chat(const ManagerProcess& manager) {
    const ModelRef model{.path = manager.model("Qwen2-1.5B-Instruct"), .type = "llm"};
    auto client = client_of(manager, "chat");
    if (const auto loaded = client.load_model(model); !loaded) give_up(loaded.error().message);
    while (!stop_) {
      chats_.add(time_of([&] {
        const auto said = client.infer(
            model,
            InferInput()
                .field("prompt",
                       "Tell me a story of a camera that films a garden by day and by night.")
                .field("max_generated_tokens", kTokens));
        if (!said) give_up(said.error().message);
      }));
    }
  }

  std::vector<ModelRef> models_;
  std::atomic<bool> stop_ = false;
  std::vector<std::size_t> answers_ = std::vector<std::size_t>(kOthers);
  Samples chats_;
  std::vector<std::thread> threads_;
};

void print_film(const char* name, const Film& film, std::size_t frames) {
  fmt::print("{:<26} {:>9.1f} {:>8} {:>10.1f} {:>10.1f} {:>10.1f}\n", name,
             static_cast<double>(film.answered * kFramesPerSecond) / static_cast<double>(frames),
             frames - film.answered, film.latency.median(), film.latency.percentile(99),
             film.latency.percentile(100));
}

void measure(Run& run, const Service& service) {
  const std::size_t frames = run.pick(600U, 15U);
  const ManagerProcess manager("hailo10h.yaml");
  const ServiceProcess process(service.program, manager.socket_path(),
                               manager.model(service.model));
  const std::string jpeg = frame();
  fmt::print("{:<26} {:>9} {:>8} {:>10} {:>10} {:>10}\n",
             fmt::format("{}, {} frames/s", service.program, kFramesPerSecond), "answers/s",
             "dropped", "median ms", "p99 ms", "most ms");
  Camera camera(process.port(), service.path);
  print_film("alone", camera.film(jpeg, frames), frames);

  Crowd crowd(manager, {{.path = manager.model("yolov8s"), .type = "detect"},
                        {.path = manager.model("yolov8m"), .type = "detect"}});
  std::this_thread::sleep_for(run.pick(std::chrono::seconds(12), std::chrono::seconds(1)));
  Camera again(process.port(), service.path);
  const Film busy = again.film(jpeg, frames);
  crowd.stop();
  print_film(fmt::format("{} others and a chat", kOthers).c_str(), busy, frames);
  fmt::print(
      "the others: {} frames, the least of them {}; {} chats of {} tokens, median {:.0f} ms\n",
      crowd.sum(), crowd.least(), crowd.chats().size(), kTokens, crowd.chats().median());
  run.goal("30 frames a second, at most 1 in 100 dropped", busy.answered * 100 >= frames * 99);
  run.goal("each of the others is served", crowd.least() > 0);
  run.goal("the language model answers", crowd.chats().size() > 0);
}

int run(Run run) {
  for (const Service& service : kServices) measure(run, service);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
