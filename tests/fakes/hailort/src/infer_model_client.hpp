// A model of a HEF that was sent to the chip, to be configured.
#pragma once

#include "hailo/infer_model.hpp"

#include "connection.hpp"
#include "hef_file.hpp"

namespace hailort {

class InferModel::InferStream::Impl {
 public:
  hailo_fake::Stream stream;
  hailo_format_t format{};
  std::optional<float> score_threshold;
  bool limits_changed = false;
};

class InferModelClient final : public InferModel {
 public:
  InferModelClient(const std::shared_ptr<hailo_fake::Connection>& connection,
                   hailo_fake::HefPtr hef, std::string group);
  ~InferModelClient() override;

  const Hef& hef() const override { return hef_; }
  void set_batch_size(uint16_t batch_size) override { batch_ = batch_size; }
  Expected<ConfiguredInferModel> configure() override;
  Expected<InferStream> input() override;
  Expected<InferStream> output() override;
  Expected<InferStream> input(const std::string& name) override;
  Expected<InferStream> output(const std::string& name) override;
  const std::vector<InferStream>& inputs() const override { return inputs_; }
  const std::vector<InferStream>& outputs() const override { return outputs_; }
  const std::vector<std::string>& get_input_names() const override { return input_names_; }
  const std::vector<std::string>& get_output_names() const override { return output_names_; }

 private:
  // The model and its copies on the chip; HAILO_... what configuring finds wrong first.
  hailo_status check() const;

  std::weak_ptr<hailo_fake::Connection> connection_;
  hailo_fake::HefPtr file_;
  Hef hef_;
  std::string group_;
  uint16_t batch_ = HAILO_DEFAULT_BATCH_SIZE;
  std::vector<InferStream> inputs_;
  std::vector<InferStream> outputs_;
  std::vector<std::string> input_names_;
  std::vector<std::string> output_names_;
};

}  // namespace hailort
