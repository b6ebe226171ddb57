// Language models on the fake of HailoRT.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/hailort/generation/text_device.hpp"
#include "device/hailort/generation/text_load.hpp"
#include "device/hailort/generation/text_model.hpp"
#include "device/hailort/test/genai_test_support.hpp"

namespace npu::device::hailort {

class HailortText : public GenaiTest {
 protected:
  inline static const Shape kFrame{56, 56, 3};  // four tokens

  std::unique_ptr<TextModel> load(const std::string& stem) {
    auto model = load_text_model(chip_, file(stem), context_);
    EXPECT_TRUE(model) << model.error().message;
    return model ? std::move(*model) : nullptr;
  }
  // As load(), but with less patience.
  std::unique_ptr<TextModel> load_impatient(const std::string& stem, const Patience& patience) {
    auto vdevice = chip_->genai_connection();
    EXPECT_TRUE(vdevice);
    auto created = create_llm(chip_, *vdevice, file(stem).path, "");
    EXPECT_TRUE(created.session) << created.session.error().message;
    return make_text_model(std::move(*created.session), chip_->clock(), patience);
  }
  Result<Generation> say(TextModel& model, const TextRequest& request) {
    pieces_.clear();
    return model.generate(
        request,
        [this](std::string_view piece) {
          pieces_.emplace_back(piece);
          return !on_piece_ || on_piece_();
        },
        context_);
  }
  static std::string places(int pictures) {
    std::string prompt;
    for (int i = 0; i < pictures; ++i) prompt += "<|image_pad|>";
    return prompt;
  }
  std::string said() const {
    std::string all;
    for (const auto& piece : pieces_) all += piece;
    return all;
  }
  // A language model of somebody else.
  std::optional<genai::LLM> other_holder() {
    auto vdevice = sdk::VDevice::create_shared(other_params());
    EXPECT_TRUE(vdevice) << vdevice.status();
    auto model = genai::LLM::create(vdevice.release(), genai::LLMParams(file("chooser").path));
    EXPECT_TRUE(model) << model.status();
    return std::optional<genai::LLM>(model.release());
  }

  std::vector<std::string> pieces_;
  std::function<bool()> on_piece_;
  Tensor picture_{DType::kUint8, kFrame, std::vector<std::byte>(56 * 56 * 3)};

 private:
  static hailo_vdevice_params_t other_params() {
    hailo_vdevice_params_t params{};
    hailo_init_vdevice_params(&params);
    params.group_id = "SHARED";
    return params;
  }
};

}  // namespace npu::device::hailort
