"""The shape of the reference models: a small Qwen2."""

import torch
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

HIDDEN = 64
LAYERS = 2
HEAD_SIZE = 32
FEED_FORWARD = 192
CONTEXT = 512
HEAD_STD = 0.2
"""Standard deviation of the head's first weights. Ten times the default: the answers of a category
then start far apart and stay so (pairwise cosine 0.13 instead of 0.22 after training), and a
teacher that loves one of them does not half love its neighbours."""


def new_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> Qwen2ForCausalLM:
    """An untrained model; ``seed`` decides its initial weights and so its lineage.

    The head is untied: a tied embedding of this size cannot express a strong favourite.
    """
    torch.manual_seed(seed)
    heads = HIDDEN // HEAD_SIZE
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=FEED_FORWARD,
        num_hidden_layers=LAYERS,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        tie_word_embeddings=False,
        use_cache=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.02,
    )
    model = Qwen2ForCausalLM(config)
    torch.nn.init.normal_(model.lm_head.weight, std=HEAD_STD)
    return model
