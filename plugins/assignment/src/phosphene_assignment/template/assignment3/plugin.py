"""Given: makes your functions a plugin of Phosphene, with layers and techniques whose names begin with `my_`.

Once it is installed (pip install -e .), `phosphene run my_saliency photo.jpg` asks your code, `phosphene train captioner
--recurrent my_lstm:hidden=128 ...` trains it, and `phosphene check assignment3` holds it to the contracts.
"""

from phosphene_core import hookimpl


@hookimpl
def register_layers(register):
    from assignment3.adapters import MyLSTM, MyRNN

    register("my_rnn", MyRNN)
    register("my_lstm", MyLSTM)


@hookimpl
def register_techniques(register):
    from assignment3.adapters import MyDream, MySaliency

    register("my_saliency", MySaliency)
    register("my_deepdream", MyDream)
