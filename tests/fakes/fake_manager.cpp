#include "fakes/fake_manager.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "base/unix_socket.hpp"
#include "tensor/base64.hpp"
#include "wire/tensor_json.hpp"

namespace npu::fakes {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxRegion = std::size_t{1} << 30;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

const json::value& input_of(const FakeRequest& request) {
  return request.body.at("input_data").at("input");
}

}  // namespace

std::string FakeRequest::action() const {
  const auto* action = body.if_contains("action");
  return action != nullptr && action->is_string() ? std::string(action->get_string())
                                                  : std::string();
}

FakeConnection::FakeConnection(UniqueFd socket, const FakeOptions& options)
    : socket_(std::move(socket)), options_(options), reader_(options.max_message_bytes) {}

std::optional<FakeRequest> FakeConnection::next() {
  for (;;) {
    if (auto payload = reader_.next()) {
      auto message = must(wire::parse_payload(payload->bytes, layout_));
      return FakeRequest{std::move(message.body), std::move(*payload), message.tail,
                         std::exchange(fds_, {})};
    }
    const IoResult got = receive(socket_.get(), reader_.prepare(), fds_);
    if (got.kind != IoResult::Kind::kOk || !reader_.commit(got.bytes)) return std::nullopt;
  }
}

void FakeConnection::greet() {
  auto hello = next();
  if (!hello) return;
  if (!options_.knows_hello) {
    send_message({{"error", "Unknown action: " + hello->action()}});
  } else {
    grant(*hello);
  }
}

void FakeConnection::grant(const FakeRequest& hello) {
  json::array features;
  for (const auto& wanted : hello.body.at("features").as_array()) {
    if (std::ranges::count(options_.granted, std::string_view(wanted.as_string())) > 0) {
      features.push_back(wanted);
    }
  }
  const bool tail = std::ranges::count(features, json::value("tail")) > 0;
  send_message({{"status", "ok"},
                {"protocol", 1},
                {"server", "fake-manager"},
                {"features", features},
                {"limits",
                 {{"max_message_bytes", options_.max_message_bytes},
                  {"max_regions", options_.max_regions},
                  {"max_region_bytes", kMaxRegion},
                  {"max_in_flight", options_.max_in_flight}}}});
  if (tail) layout_ = wire::Layout::kTail;
}

void FakeConnection::serve(
    const std::function<void(FakeConnection&, const FakeRequest&)>& handler) {
  greet();
  while (auto request = next()) {
    if (request->action() == "shm_register") {
      accept_region(*request);
    } else {
      handler(*this, *request);
    }
  }
}

void FakeConnection::accept_region(FakeRequest& request) {
  if (request.fds.size() != 1) throw std::runtime_error("shm_register without its descriptor");
  const auto size = request.body.at("size").to_number<std::size_t>();
  auto memory = must(SharedMemory::adopt(std::move(request.fds.front()), size, kMaxRegion));
  const auto number = static_cast<std::int64_t>(regions_.size()) + 1;
  regions_.emplace(number, std::move(memory));
  reply(request, {{"region", number}});
}

void FakeConnection::reply(const FakeRequest& to, json::object fields,
                           std::span<const std::byte> tail) {
  fields["status"] = "ok";
  if (const auto* id = to.body.if_contains("request_id")) fields["request_id"] = *id;
  send_message(fields, tail);
}

void FakeConnection::refuse(const FakeRequest& to, std::string_view code, std::string_view text) {
  json::object body{{"error", json::string(text)}};
  if (!code.empty()) body["code"] = code;
  if (const auto* id = to.body.if_contains("request_id")) body["request_id"] = *id;
  send_message(body);
}

void FakeConnection::event(const FakeRequest& to, json::object event) {
  send_message({{"event", std::move(event)}, {"request_id", to.body.at("request_id")}});
}

void FakeConnection::echo(const FakeRequest& to) {
  const auto bytes = tensor(to, input_of(to));
  const auto ref = must(wire::parse_tensor(input_of(to)));
  json::object fields{{"inference_time_ms", 7}};
  if (const auto* output = to.body.if_contains("output")) {
    const auto number = output->at("region").to_number<std::int64_t>();
    const auto offset = output->at("offset").to_number<std::size_t>();
    if (bytes.size() > output->at("size").to_number<std::size_t>()) {
      return refuse(to, "too_large", "the result does not fit into the output");
    }
    std::memcpy(region(number).data() + offset, bytes.data(), bytes.size());
    fields["result"] = wire::region_tensor(ref.dtype, ref.shape, number, offset);
    return reply(to, std::move(fields));
  }
  if (layout_ == wire::Layout::kTail) {
    fields["result"] = wire::tail_tensor(ref.dtype, ref.shape, 0, bytes.size());
    return reply(to, std::move(fields), bytes);
  }
  fields["result"] = {{"dtype", name_of(ref.dtype)},
                      {"shape", json::array(ref.shape.begin(), ref.shape.end())},
                      {"data_b64", base64_encode(bytes)}};
  reply(to, std::move(fields));
}

void FakeConnection::send_message(const json::object& body, std::span<const std::byte> tail) {
  send_bytes(wire::encode_message(body, layout_, tail.size()));
  if (!tail.empty()) send_bytes({reinterpret_cast<const char*>(tail.data()), tail.size()});
}

void FakeConnection::send_bytes(std::string_view bytes) {
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  // A client that has gone meanwhile is what some tests are about.
  (void)send_all(socket_.get(), {&part, 1});
}

void FakeConnection::read_only(std::size_t bytes) {
  std::vector<std::byte> buffer(bytes);
  std::size_t got = 0;
  while (got < bytes) {
    const auto one = receive(socket_.get(), std::span(buffer).subspan(got), fds_);
    if (one.kind != IoResult::Kind::kOk) return;
    got += one.bytes;
  }
}

std::vector<std::byte> FakeConnection::tensor(const FakeRequest& request,
                                              const json::value& value) const {
  const auto ref = must(wire::parse_tensor(value));
  std::vector<std::byte> bytes(ref.bytes);
  if (const auto* text = std::get_if<wire::InBase64>(&ref.place)) {
    if (!base64_decode(text->text, bytes)) throw std::runtime_error("bad base64");
    return bytes;
  }
  std::span<const std::byte> source = request.tail;
  std::size_t offset = 0;
  if (const auto* place = std::get_if<wire::InRegion>(&ref.place)) {
    source = regions_.at(place->region).bytes();
    offset = place->offset;
  } else {
    offset = std::get<wire::InTail>(ref.place).offset;
  }
  if (!wire::within(offset, ref.bytes, source.size()))
    throw std::runtime_error("tensor out of bounds");
  if (!bytes.empty()) std::memcpy(bytes.data(), source.data() + offset, bytes.size());
  return bytes;
}

FakeManager::FakeManager(FakeOptions options) : options_(std::move(options)) {
  std::string pattern = std::filesystem::temp_directory_path() / "fake-manager-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  directory_ = pattern;
  start();
}

FakeManager::~FakeManager() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

FakeManager& FakeManager::expect(Script script) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back(std::move(script));
  return *this;
}

void FakeManager::always(Script script) {
  const std::lock_guard lock(mutex_);
  otherwise_ = std::move(script);
}

int FakeManager::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void FakeManager::start() {
  listener_ = must(unix_listen(path(), {}));
  stopping_ = false;
  thread_ = std::thread([this, listener = listener_.get()] { run(listener); });
}

void FakeManager::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::error_code ignored;
    std::filesystem::remove(path(), ignored);
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
  }
  thread_.join();
  listener_.reset();
}

void FakeManager::run(int listener) {
  for (;;) {
    UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    Script script;
    const int number = socket.get();
    FakeConnection connection(std::move(socket), options_);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      ++connections_;
      current_ = number;
      script = otherwise_;
      if (!scripts_.empty()) {
        script = std::move(scripts_.front());
        scripts_.pop_front();
      }
    }
    if (script) script(connection);
    const std::lock_guard lock(mutex_);
    current_ = -1;
  }
}

}  // namespace npu::fakes
