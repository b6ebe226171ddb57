// A generative model as clients see it: what model_types `llm`, `vlm` and `vlm_chat` have in
// common.
//
//   model_params   none
//   prompt         a list of {role, content} (chat.hpp), which is written in the model's chat
//                  format; or a text, which reaches the model as it is, with one <|image_pad|> for
//                  each picture
//   frames         [uint8 tensor of the model's picture shape], may be absent or empty
//   ...            generation_params.hpp
//   keep_context   true: the conversation can be gone on with; the result has details, and among
//                  them its number (conversations.hpp)
//   context        the number of a conversation that prompt goes on with. Without keep_context
//                  that ends with this answer
//   result         the answer, without the end marker and from a stop string on; with `details` an
//                  object (answer_details.hpp)
//   stream         {"text": piece}; the pieces joined are the answer
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "families/family.hpp"
#include "families/generation/conversations.hpp"
#include "families/generation/generation_params.hpp"
#include "text/chat_format.hpp"

namespace npu::families {

struct GeneratorOptions {
  bool takes_frames = true;
  std::string no_prompt;  // the error where a request has none
  std::size_t context_bytes = kDefaultContextBytes;
};

class TextGenerator final : public FamilyModel {
 public:
  // The clock outlives the generator.
  TextGenerator(std::unique_ptr<device::TextModel> model, GeneratorOptions options,
                const Clock& clock);

  Result<boost::json::value> infer(const InferInput& input, InferOutput& output,
                                   device::RunContext& context) override;
  void forget(std::uint64_t client) override { conversations_.forget(client); }

 private:
  struct Request {
    std::string prompt;
    std::vector<TensorView> frames;
    GenerationParams params;
    Asker asker;
  };

  Result<Request> parse(const InferInput& input) const;
  Result<std::string> render(const boost::json::value& prompt, std::size_t frames) const;
  Result<boost::json::value> answer_nothing(const Request& request);
  // After a generation that went well. The number of the conversation, if it is kept.
  std::optional<Conversations::Id> keep_or_end(const Request& request,
                                               const Conversations::Start& start, std::string said,
                                               const device::Generation& generated);
  std::string today() const;

  std::unique_ptr<device::TextModel> model_;
  GeneratorOptions options_;
  const Clock& clock_;
  Conversations conversations_;
  Result<text::ChatFormat> format_;  // an error where the model's template is of another one
};

// A family whose model is one file that a TextGenerator runs.
std::unique_ptr<Family> make_generator_family(GeneratorOptions options);

}  // namespace npu::families
