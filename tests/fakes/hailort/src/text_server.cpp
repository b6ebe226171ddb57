#include "text_server.hpp"

#include <algorithm>
#include <cstring>

#include <boost/json.hpp>

#include "device/sim/fill.hpp"
#include "device/sim/script.hpp"
#include "log.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;
using hailort::Expected;
using hailort::make_unexpected;
using hailort::genai::LLMGeneratorParams;
using npu::device::sim::FaultOp;

namespace {

constexpr std::size_t kTokenBytes = 4;
constexpr std::size_t kMaxStopTokens = 50;
constexpr const char* kNonsense = " qu#z";
constexpr std::string_view kPicturePad = "<|image_pad|>";
// The encoder makes one token of a square of this many pixels.
constexpr std::uint32_t kPicturePatch = 28;
constexpr std::size_t kMostFrames51 = 5;  // until 5.1

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

std::size_t tokens_of_picture(const npu::TensorSpec& frame) {
  if (frame.shape.size() < 2) return 1;
  return std::max<std::size_t>(1, static_cast<std::size_t>(frame.shape[0]) / kPicturePatch) *
         std::max<std::size_t>(1, static_cast<std::size_t>(frame.shape[1]) / kPicturePatch);
}

// A character outside ASCII is spread over two tokens, and nothing can be printed after the first.
std::vector<std::string> as_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  for (const auto word : sim::split_tokens(text)) {
    if (std::ranges::any_of(word, [](char c) { return (c & 0x80) != 0; })) tokens.emplace_back();
    tokens.emplace_back(word);
  }
  return tokens;
}

}  // namespace

std::vector<int> tokens_of(const std::string& text) {
  std::vector<int> tokens(static_cast<std::size_t>(sim::count_tokens(text)));
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::uint32_t token = 0;
    const auto part = std::string_view(text).substr(std::min(i * kTokenBytes, text.size()));
    std::memcpy(&token, part.data(), std::min(part.size(), kTokenBytes));
    tokens[i] = static_cast<int>(token & 0x7FFFFFFF);
  }
  return tokens;
}

TextServer::TextServer(GenaiLink& link)
    : link_(link),
      usual_params_(0.7F, 0.8F, 20, 1.1F, 1024, true, HAILO_RANDOM_SEED),
      params_(usual_params_),
      context_size_(static_cast<std::size_t>(link.hef().model.context_length)),
      recovery_(link.hef().model.end_text) {
  if (!recovery_.empty()) stops_.push_back(recovery_);
  read_config();
  params_ = usual_params_;
}

void TextServer::read_config() {
  namespace json = boost::json;
  boost::system::error_code error;
  const auto text = link_.hef().resources.find("hailo-config.json");
  if (text == link_.hef().resources.end()) return;
  const json::value parsed = json::parse(text->second, error);
  const auto* config = error ? nullptr : parsed.if_object();
  if (config == nullptr) return;
  if (const auto* shown = config->if_contains("chat_template"); shown && shown->is_string()) {
    chat_template_ = shown->as_string();
  }
  const auto number = [](const json::value& object, const char* key) -> std::optional<double> {
    const auto* value = object.is_object() ? object.as_object().if_contains(key) : nullptr;
    return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
  };
  if (const auto* cache = config->if_contains("pre_process_params")) {
    if (const auto size = number(*cache, "kv_cache_size")) {
      context_size_ = static_cast<std::size_t>(*size);
    }
  }
  if (const auto* usual = config->if_contains("default_generation_params")) {
    if (const auto v = number(*usual, "temperature")) {
      usual_params_.set_temperature(static_cast<float>(*v));
    }
    if (const auto v = number(*usual, "top_p")) usual_params_.set_top_p(static_cast<float>(*v));
    if (const auto v = number(*usual, "top_k")) {
      usual_params_.set_top_k(static_cast<std::uint32_t>(*v));
    }
    if (const auto v = number(*usual, "repetition_penalty")) {
      usual_params_.set_frequency_penalty(static_cast<float>(*v));
    }
    if (const auto v = number(*usual, "max_new_tokens")) {
      usual_params_.set_max_generated_tokens(static_cast<std::uint32_t>(*v));
    }
  }
}

hailo_status TextServer::generate(const std::vector<hailort::MemoryView>& frames) {
  std::optional<sim::WrongValue> wrong;
  const hailo_status entered = link_.enter(FaultOp::kInfer, &wrong);
  if (entered != HAILO_SUCCESS) return entered;
  const auto& model = link_.hef().model;
  if (!link_.machine().settings.at_least(2) && frames.size() > kMostFrames51) {
    return HAILO_INVALID_ARGUMENT;
  }
  if (model.frame) prefix_ = 0;  // forgotten, by all versions
  generated_ = 0;
  said_ = 0;
  abort_requested_ = false;
  silent_ = wrong.has_value();
  recent_.clear();
  recovering_.clear();
  say_.clear();
  std::vector<npu::TensorView> views;
  for (const auto& frame : frames) {
    if (frame.size() != npu::byte_size(model.frame->dtype, model.frame->shape).value_or(0)) {
      return HAILO_INVALID_OPERATION;
    }
    views.push_back({.dtype = model.frame->dtype,
                     .shape = model.frame->shape,
                     .data = std::as_bytes(std::span(frame.data(), frame.size()))});
  }
  frames_sum_ = sim::checksum(link_.hef().stem, views);
  frames_ += frames.size();
  return frames.empty() ? HAILO_SUCCESS : link_.compute(model.first_token / 3);
}

void TextServer::decide_what_to_say(const std::string& prompt) {
  const auto& script = link_.hef().model.script;
  if (silent_) return;
  if (script.empty()) {
    say_ = as_tokens(sim::last_user_text(prompt));
    return;
  }
  std::uint64_t sum = sim::fnv1a(std::as_bytes(std::span(prompt)), frames_sum_);
  if (params_.seed() != HAILO_RANDOM_SEED) sum += params_.seed();
  say_ = as_tokens(script[sum % script.size()]);
}

hailo_status TextServer::prefill(const std::string& prompt) {
  const auto& model = link_.hef().model;
  const std::size_t pads = count(prompt, kPicturePad);
  if (model.frame && pads != frames_) {
    return HAILO_INVALID_OPERATION;
  }
  decide_what_to_say(prompt);
  used_ += prefix_ + static_cast<std::size_t>(sim::count_tokens(prompt));
  prefix_ = 0;
  if (frames_ > 0) used_ += frames_ * (tokens_of_picture(*model.frame) - 1);

  // In pieces, so that others get their turns.
  const auto rest = frames_ > 0 ? model.first_token - model.first_token / 3 : model.first_token;
  frames_ = 0;
  const auto pieces = model.token.count() > 0
                          ? std::max<npu::Duration::rep>(1, rest.count() / model.token.count())
                          : 1;
  for (npu::Duration::rep i = 0; i < pieces; ++i) {
    const hailo_status done = link_.compute(rest / pieces);
    if (done != HAILO_SUCCESS) return done;
  }
  return HAILO_SUCCESS;
}

std::string TextServer::next_token() {
  if (spoiled_ || used_ > context_size_) return kNonsense;
  if (said_ < say_.size()) return say_[said_++];
  // After the end of the text, that no stop sequence stopped, it goes on somehow.
  return said_++ == say_.size() ? link_.hef().model.end_text : kNonsense;
}

bool TextServer::is_stop(const std::string& token) {
  for (const int id : token.empty() ? std::vector<int>() : tokens_of(token)) recent_.push_back(id);
  while (recent_.size() > kMaxStopTokens) recent_.pop_front();
  return std::ranges::any_of(stops_, [&](const std::string& stop) {
    const auto ids = tokens_of(stop);
    return ids.size() <= recent_.size() && std::equal(ids.rbegin(), ids.rend(), recent_.rbegin());
  });
}

GenerationStatus TextServer::status_after(const std::string& token) {
  const bool ended = link_.hef().model.end_text.empty() && said_ > say_.size();
  if (generated_ >= params_.max_generated_tokens()) return GenerationStatus::MAX_TOKENS_REACHED;
  if (is_stop(token) || ended) return GenerationStatus::LOGICAL_END_OF_GENERATION;
  if (abort_requested_) return GenerationStatus::ABORTED;
  return GenerationStatus::GENERATING;
}

GenerationStatus TextServer::finish(GenerationStatus how) {
  if (how == GenerationStatus::GENERATING) return how;
  if (params_.max_generated_tokens() == 0) return how;
  ++prefix_;  // the last token is not in the cache yet
  if (how == GenerationStatus::LOGICAL_END_OF_GENERATION || recovery_.empty()) return how;
  for (const auto piece : sim::split_tokens(recovery_)) recovering_.emplace_back(piece);
  prefix_ += recovering_.size();
  end_ = how;
  return GenerationStatus::GENERATING;
}

Expected<TextServer::Piece> TextServer::read(const std::string& prompt) {
  const hailo_status entered = link_.enter(FaultOp::kRead, nullptr);
  if (entered != HAILO_SUCCESS) return make_unexpected(entered);
  if (!recovering_.empty()) {
    Piece piece{std::move(recovering_.front())};
    recovering_.pop_front();
    if (recovering_.empty()) piece.status = end_;
    return piece;
  }
  const hailo_status done =
      prompt.empty() ? link_.compute(link_.hef().model.token) : prefill(prompt);
  if (done != HAILO_SUCCESS) return make_unexpected(done);
  if (prompt.empty()) ++used_;
  if (used_ >= context_size_ && !warned_) {
    warned_ = true;
    log_warning("Conversation context is full.");
  }
  ++generated_;
  Piece piece;
  if (params_.max_generated_tokens() > 0) piece.text = next_token();
  piece.status = finish(status_after(piece.text));
  return piece;
}

}  // namespace hailo_fake
