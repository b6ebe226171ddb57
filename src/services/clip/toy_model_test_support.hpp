// A pair of encoders that can be computed by hand, and its side files.
//
// There are no merges, so a token is a byte; "a" at the end of a word points along the first axis,
// "b" along the second, "c" against the first. The text encoder's row is the sum of the rows up to
// it. Every picture points along the first axis.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "fakes/temp_dir.hpp"
#include "media/npy.hpp"
#include "services/clip/clip_config.hpp"
#include "services/kit/fake_network_test_support.hpp"
#include "services/kit/infer_result_test_support.hpp"

namespace npu::clip {

inline constexpr std::int64_t kToyTokens = 6;
inline constexpr std::int64_t kToyWidth = 3;
inline constexpr std::int64_t kToyVocabulary = 514;

inline std::string toy_npy(Shape shape, const std::vector<float>& values) {
  const Tensor tensor = kit::tensor_of(std::move(shape), values);
  return media::encode_npy(tensor.view());
}

inline std::string toy_embeddings() {
  std::vector<float> values(kToyVocabulary * kToyWidth);
  const auto last = [&](char letter) { return &values[(256U + letter - '!') * kToyWidth]; };
  last('a')[0] = 1;
  last('b')[1] = 1;
  last('c')[0] = -1;
  return toy_npy({kToyVocabulary, kToyWidth}, values);
}

inline std::string toy_projection() { return toy_npy({kToyWidth, 2}, {1, 0, 0, 1, 0, 0}); }

// What the manager says of it.
inline LoadedModel toy_info(int batch = 1) {
  LoadedModel info = LoadedModel::from(boost::json::parse(R"({"model_info": {
      "input_shape": [8, 8, 3], "outputs": [{"name": "out", "shape": [2]}],
      "text": {"input_shape": [6, 3], "output_shape": [6, 3]}}})")
                                           .get_object());
  info.json["model_info"].as_object()["text"].as_object()["batch"] = batch;
  return info;
}

class ToyNetwork final : public kit::FakeNetwork {
 public:
  explicit ToyNetwork(kit::FakeState& state) : FakeNetwork(state, {8, 8, 3}) {}

  int texts = 0;                       // that were encoded
  bool spoiled = false;                // it gives what is no number
  std::vector<std::size_t> batches{};  // texts of each request

  kit::awaitable<Result<InferResult>> infer(InferInput input, kit::InferTerms terms) override {
    const auto& field = input.tensor_fields().at(0);
    if (!field.list) co_return co_await FakeNetwork::infer(std::move(input), terms);
    batches.push_back(field.tensors.size());
    InferResult result;
    boost::json::array list;
    for (const ClientTensor& tensor : field.tensors) {
      list.push_back(boost::json::object{{"tensor", list.size()}});
      result.tensors.push_back(ClientTensor::own(answer(tensor)));
    }
    result.value = std::move(list);
    co_return result;
  }

 protected:
  Tensor answer(const ClientTensor& input) override {
    const float first = spoiled ? std::nanf("") : 5;
    if (input.dtype() == DType::kUint8) return kit::tensor_of({2}, {first, 0});
    ++texts;
    const auto rows = input.as<float>();
    std::vector<float> sums(rows.begin(), rows.end());
    for (std::size_t i = kToyWidth; i < sums.size(); ++i) sums[i] += sums[i - kToyWidth];
    if (spoiled) sums.assign(sums.size(), first);
    return kit::tensor_of({1, kToyTokens, kToyWidth}, sums);
  }
};

class ToyFiles {
 public:
  ToyFiles() {
    config.model.name = "toy";
    config.side_files.tokenizer = dir.file("merges.txt", "#version: 0.2\n");
    config.side_files.token_embeddings = dir.file("tokens.npy", toy_embeddings());
    config.side_files.text_projection = dir.file("projection.npy", toy_projection());
    config.complete();
  }

  fakes::TempDir dir;
  ClipConfig config;
};

}  // namespace npu::clip
