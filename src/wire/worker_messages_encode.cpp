#include <iterator>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/priority_name.hpp"
#include "base/utf8.hpp"
#include "wire/frame.hpp"
#include "wire/worker_messages.hpp"

namespace npu::wire {
namespace {

namespace bj = boost::json;

// A message that would not be UTF-8 would cost its sender the link.
template <class Json>
std::string text_of(const Json& value) {
  return valid_utf8(bj::serialize(value));
}
std::string json_string(std::string_view text) { return text_of(bj::string(text)); }

class Frame {
 public:
  explicit Frame(std::size_t expected = 0) : text_(head_bytes(Layout::kJson), '\0') {
    text_.reserve(text_.size() + expected);
  }

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::memory_buffer piece;  // to a string fmt writes one character after the other
    fmt::format_to(std::back_inserter(piece), format, std::forward<Args>(args)...);
    text_.append(piece.data(), piece.size());
  }
  void add_text(std::string_view text) { text_ += text; }

  std::string take() {
    seal(text_, Layout::kJson);
    return std::move(text_);
  }

 private:
  std::string text_;
};

void write(Frame& frame, const order::Region& message, std::string_view) {
  frame.add(R"({{"op":"region","region":{},"size":{}}})", message.region, message.bytes);
}

void write(Frame& frame, const order::DropRegion& message, std::string_view) {
  frame.add(R"({{"op":"drop_region","region":{}}})", message.region);
}

void write(Frame& frame, const order::File& message, std::string_view) {
  frame.add(R"({{"op":"file","job":{}}})", message.job);
}

void write(Frame& frame, const order::Load& message, std::string_view params) {
  frame.add(R"({{"op":"load","job":{},"model":{},"type":{},"path":{},"params":{},"files":[)",
            message.job, json_string(message.model), json_string(message.type),
            json_string(message.path), params);
  for (const auto& file : message.files) {
    frame.add(R"({}{{"path":{})", &file == message.files.data() ? "" : ",", json_string(file.path));
    if (file.opened) {
      frame.add(R"(,"bytes":{},"modified":{})", file.opened->bytes, file.opened->modified);
    }
    if (!file.description.empty()) {
      frame.add(R"(,"description":{})", bj::serialize(file.description));
    }
    frame.add_text("}");
  }
  frame.add_text("]}");
}

void write(Frame& frame, const order::Infer& message, std::string_view input) {
  frame.add(R"({{"op":"infer","job":{},"model":{},"input":)", message.job,
            json_string(message.model));
  frame.add_text(input);
  frame.add(R"(,"stream":{},"priority":"{}")", message.stream, name_of(message.priority));
  if (const auto& output = message.output) {
    frame.add(R"(,"output":{{"region":{},"offset":{},"size":{},"strict":{}}})", output->region,
              output->offset, output->bytes, output->strict);
  }
  if (const auto& asker = message.asker) {
    frame.add(R"(,"client":{},"user":{})", asker->client, asker->user);
  }
  frame.add_text("}");
}

void write(Frame& frame, const order::Unload& message, std::string_view) {
  frame.add(R"({{"op":"unload","job":{},"model":{}}})", message.job, json_string(message.model));
}

void write(Frame& frame, const order::ReleaseGroup& message, std::string_view) {
  frame.add(R"({{"op":"release_group","job":{}}})", message.job);
}

void write(Frame& frame, const order::Cancel& message, std::string_view) {
  frame.add(R"({{"op":"cancel","job":{}}})", message.job);
}

void write(Frame& frame, const order::Telemetry& message, std::string_view) {
  frame.add(R"({{"op":"telemetry","job":{}}})", message.job);
}

void write(Frame& frame, const order::Forget& message, std::string_view) {
  frame.add(R"({{"op":"forget","client":{}}})", message.client);
}

std::string error_text(const Error& error) {
  bj::object out{{"code", wire_name(error.code)}, {"message", error.message}};
  if (error.retry_after) out["retry_after_ms"] = error.retry_after->count();
  return text_of(out);
}

void write(Frame& frame, const report::Ready& message) {
  const device::DeviceInfo& info = message.device;
  frame.add_text(text_of(bj::object{{"op", "ready"},
                                    {"build", message.build},
                                    {"device",
                                     {{"kind", info.kind},
                                      {"id", info.id},
                                      {"architecture", info.architecture},
                                      {"firmware", info.firmware},
                                      {"memory_bytes", info.memory_bytes},
                                      {"group_release", info.group_release},
                                      {"runs_at_once", info.runs_at_once},
                                      {"confinement", info.confinement}}}}));
}

void write(Frame& frame, const report::Failed& message) {
  frame.add(R"({{"op":"failed","error":{}}})", error_text(message.error));
}

void write(Frame& frame, const report::Lost& message) {
  frame.add(R"({{"op":"lost","error":{}}})", error_text(message.error));
}

void write(Frame& frame, const report::RegionFailed& message) {
  frame.add(R"({{"op":"region_failed","region":{},"error":{}}})", message.region,
            error_text(message.error));
}

void write(Frame& frame, const report::Event& message) {
  frame.add(R"({{"op":"event","job":{},"event":{}}})", message.job, text_of(message.event));
}

void write(Frame& frame, const report::Progress& message) {
  frame.add(R"({{"op":"progress","job":{}}})", message.job);
}

void write_outcome(Frame&, const report::Finished&) {}

void write_outcome(Frame& frame, const Error& error) {
  frame.add(R"(,"error":{})", error_text(error));
}

void write_outcome(Frame& frame, const report::Loaded& loaded) {
  frame.add(R"(,"memory_bytes":{},"info":{})", loaded.memory_bytes, text_of(loaded.info));
}

void write_outcome(Frame& frame, const report::Inferred& inferred) {
  frame.add_text(R"(,"result":)");
  frame.add_text(text_of(inferred.result));
  frame.add(R"(,"inference_ms":{:.3f},"output_bytes":{})", inferred.inference_ms,
            inferred.output_bytes);
  if (inferred.region_bytes > 0) frame.add(R"(,"region_size":{})", inferred.region_bytes);
}

void write_outcome(Frame& frame, const device::Telemetry& readings) {
  const auto or_null = [](const auto& reading) {
    return reading ? bj::value(*reading) : bj::value(nullptr);
  };
  frame.add(R"(,"telemetry":{})",
            text_of(bj::object{{"temperature_celsius", or_null(readings.temperature_celsius)},
                               {"memory_used_bytes", or_null(readings.memory_used_bytes)},
                               {"utilisation", or_null(readings.utilisation)}}));
}

void write(Frame& frame, const report::Done& message) {
  frame.add(R"({{"op":"done","job":{})", message.job);
  std::visit([&](const auto& outcome) { write_outcome(frame, outcome); }, message.outcome);
  frame.add_text("}");
}

}  // namespace

std::string encode(const Order& order, std::string_view json) {
  Frame frame(json.size() + 256);
  std::visit([&](const auto& message) { write(frame, message, json); }, order);
  return frame.take();
}

std::string encode(const Report& report) {
  Frame frame;
  std::visit([&](const auto& message) { write(frame, message); }, report);
  return frame.take();
}

}  // namespace npu::wire
