#include "families/speech/audio.hpp"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr const char* kMissing = "audio data is required for whisper";

Status check_length(std::size_t samples) {
  if (samples == 0) return fail(ErrorCode::kInvalidArgument, kMissing);
  if (samples <= kMaxAudioSamples) return {};
  return fail(ErrorCode::kTooLarge,
              fmt::format("audio must be at most {} minutes ({} samples at 16 kHz), got {}",
                          kMaxAudioMinutes, kMaxAudioSamples, samples));
}

Result<float> sample_of(const json::value& value, std::size_t index) {
  if (const auto number = npu::json::number_in(value)) {
    const auto sample = static_cast<float>(*number);
    if (std::isfinite(sample)) return sample;
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("audio[{}] must be a finite number, got {}",
                                                       index, npu::json::quote(value)));
}

}  // namespace

Result<Audio> Audio::parse(const InferInput& input) {
  const auto* value = npu::json::Fields(input.fields()).find("audio");
  if (value == nullptr) return fail(ErrorCode::kInvalidArgument, kMissing);
  Audio audio;
  if (const auto* list = value->if_array()) {
    if (auto ok = check_length(list->size()); !ok) return fail(ok.error());
    audio.samples_.reserve(list->size());
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto sample = sample_of((*list)[i], i);
      if (!sample) return fail(sample.error());
      audio.samples_.push_back(*sample);
    }
    return audio;
  }
  const auto tensor = input.tensor(*value);
  if (!tensor) return fail(tensor.error());
  const Shape shape = without_leading_one(tensor->shape);
  if (tensor->dtype != DType::kFloat32 || shape.size() != 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("audio must be float32 (samples,), got {} {}", name_of(tensor->dtype),
                            to_string(tensor->shape)));
  }
  const std::size_t samples = tensor->data.size() / sizeof(float);
  if (auto ok = check_length(samples); !ok) return fail(ok.error());
  audio.samples_.resize(samples);
  std::memcpy(audio.samples_.data(), tensor->data.data(), samples * sizeof(float));
  for (std::size_t i = 0; i < samples; ++i) {
    if (!std::isfinite(audio.samples_[i])) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("audio[{}] must be a finite number", i));
    }
  }
  return audio;
}

}  // namespace npu::families
